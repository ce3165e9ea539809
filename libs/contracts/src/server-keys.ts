/** Servers that a message names, by plain keys: as schemas check them, and as run files state them. */
import type { ServerRef } from './generated/hone/types/v1/server.ts';
import type { ServerTls } from './generated/hone/types/v1/tls.ts';
import type { PartialMessage } from './partial.ts';

/** Files of certificates; a key that is undefined is none. */
export interface TlsKeys {
  readonly root_certificate_file?: string | undefined;
  readonly client_certificate_file?: string | undefined;
  readonly client_key_file?: string | undefined;
  readonly server_name?: string | undefined;
}

/** A server; `tls` is true where no files are named. */
export interface ServerKeys {
  readonly address: string;
  readonly tls?: true | TlsKeys | undefined;
}

export const tlsKeysOf = (tls: ServerTls): TlsKeys => ({
  root_certificate_file: tls.rootCertificateFile || undefined,
  client_certificate_file: tls.clientCertificateFile || undefined,
  client_key_file: tls.clientKeyFile || undefined,
  server_name: tls.serverName || undefined,
});

/** The files that keys name lie where `beside` says. */
export function tlsFields(keys: true | TlsKeys, beside: (file: string) => string): ServerTls {
  const {
    root_certificate_file,
    client_certificate_file,
    client_key_file,
    server_name = '',
  } = keys === true ? {} : keys;
  const at = (file: string | undefined): string => (file === undefined ? '' : beside(file));
  return {
    rootCertificateFile: at(root_certificate_file),
    clientCertificateFile: at(client_certificate_file),
    clientKeyFile: at(client_key_file),
    serverName: server_name,
  };
}

export const serverKeysOf = ({ address, tls }: ServerRef): ServerKeys => ({ address, tls: tls && tlsKeysOf(tls) });

/** A text is an address. */
export function serverFields(given: string | ServerKeys, beside: (file: string) => string): PartialMessage<ServerRef> {
  if (typeof given === 'string') return { address: given };
  const { address, tls } = given;
  return { address, ...(tls !== undefined && { tls: tlsFields(tls, beside) }) };
}
