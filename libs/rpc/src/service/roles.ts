/** The services, and the port each listens on where nothing else is said. */
export const DEFAULT_PORTS = {
  sampler: 50051,
  scorer: 50052,
  'pair-builder': 50053,
  trainer: 50054,
  evaluator: 50055,
  orchestrator: 50056,
} as const;
export type Role = keyof typeof DEFAULT_PORTS;
export const ROLES = Object.keys(DEFAULT_PORTS) as Role[];

/** Services that others call. */
export type PeerRole = Exclude<Role, 'orchestrator'>;
export const PEER_ROLES = ROLES.filter((role): role is PeerRole => role !== 'orchestrator');

/** Addresses of the services that others call: host:port, or several separated by commas, which are replicas. */
export type PeerAddresses = Readonly<Record<PeerRole, string>>;
