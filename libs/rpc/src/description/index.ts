export { describeService } from './describe-service.ts';
export { descriptionOf, descriptionService, type Capabilities } from './description-service.ts';
