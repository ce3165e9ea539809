/** What list, update and delete calls of all services have in common. */
export { parseFilter, type Comparison, type FieldKind, type FilterFields, type Operator } from './filter.ts';
export { parseOrderBy, type OrderField } from './order-by.ts';
export { makePageToken, readPageToken, type Position } from './page-token.ts';
export { readListRequest, type ListQuery, type ListRequest, type ListRules } from './list-request.ts';
export { readReadMask, readUpdateMask } from './field-mask.ts';
export { identify, requireSamePayload, type IdentifiedRequest, type RequestIdentity } from './request-id.ts';
export { etagOf, requireEtag } from './etag.ts';
