/** Servers that a run names in the place of the deployment's own: an address, or a mapping. */
import { LIMITS } from '@hone/limits';
import { z } from 'zod';
import { byShape } from './by-shape.ts';

/** How a server is reached over TLS. */
export const tls = z.strictObject({
  root_certificate_file: z
    .string()
    .optional()
    .describe('Authorities that are trusted, PEM; absent means those of the system.'),
  client_certificate_file: z.string().optional().describe('What is shown to the server, PEM; with client_key_file.'),
  client_key_file: z.string().optional().describe('Its key, PEM.'),
  server_name: z.string().optional().describe('The name that its certificate must have, where it is not the host.'),
});

/** TLS as a key of a server's mapping. */
export const tlsKey = z
  .union([z.literal(true), tls])
  .optional()
  .describe('Speak TLS to the server: true, or with these files.');

const HOST_PORT = '(?:[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.%]{2,60}\\]):\\d{1,5}';
const ADDRESSES = new RegExp(`^${HOST_PORT}(?: *, *${HOST_PORT})*$`);

export const serverShape = z.strictObject({
  address: z
    .string()
    .max(LIMITS.pathChars)
    .regex(ADDRESSES, 'must be host:port, or several separated by commas')
    .refine((text) => text.split(',').length <= LIMITS.replicas, `must be at most ${LIMITS.replicas} addresses`)
    .describe('host:port, or those of several replicas, separated by commas.'),
  tls: tlsKey,
});

/** An address, or a mapping. */
export const serverEntry = byShape('address', () => serverShape);
export type ServerEntry = z.infer<typeof serverShape>;
