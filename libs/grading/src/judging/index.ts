/** What models that judge have in common, wherever they are: the question, and how their answers are read. */
export { MOST_POINTS, POINTS_LABEL, POINTS_TEMPLATE, pointsVerdict, readPoints } from './points.ts';
export type { PointsScale, PointsVerdict } from './points.ts';
export { JUDGE, questionOf, withoutAnswer, type Asked } from './question.ts';
