import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { createCA, createCert } from "mkcert";

/** A private key and its certificate, both as PEM. */
interface Pem {
  readonly key: string;
  readonly cert: string;
}

export interface LanCertificate {
  /** The server's private key, PEM. */
  readonly key: string;
  /** The server's certificate and its authority's, PEM. */
  readonly cert: string;
  /** The authority's certificate, DER: what a phone installs. */
  readonly authority: Buffer;
}

/** Apple refuses server certificates that live longer than 825 days: https://support.apple.com/en-us/103769 */
const SERVER_DAYS = 397;

/** The phone's owner installs this one by hand; nobody wants to do that often. */
const AUTHORITY_DAYS = 3_650;

/** A certificate that ends sooner than this is made anew. */
const REMAINING_DAYS = 7;

const DAY_MS = 86_400_000;

/**
 * @param names hosts and IPv4 addresses
 * @param nowMs since the epoch
 * @returns whether it is good for all of the names, now and for some days
 */
export function covers(certificate: X509Certificate, names: readonly string[], nowMs: number): boolean {
  const lasts = Date.parse(certificate.validTo) - nowMs > REMAINING_DAYS * DAY_MS;
  return lasts && names.every((name) => certificate.checkHost(name) ?? certificate.checkIP(name));
}

/**
 * The certificate of the HTTPS address. Its authority is made once and kept, so that a phone that trusts it goes on
 * trusting this computer when the network hands out another address; the server's certificate follows the addresses.
 *
 * @param folder where both are kept; the keys are readable by their owner only and are served to nobody
 * @param names the hosts and IPv4 addresses that it is for
 * @param nowMs since the epoch
 */
export async function ensureCertificate(
  folder: string,
  names: readonly string[],
  nowMs = Date.now(),
): Promise<LanCertificate> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority =
    readPem(folder, "authority", (x509) => covers(x509, [], nowMs)) ??
    writePem(
      folder,
      "authority",
      await createCA({
        organization: `Twincast on ${hostname()}`,
        countryCode: "XX",
        state: "-",
        locality: "-",
        validity: AUTHORITY_DAYS,
      }),
    );
  const issuer = new X509Certificate(authority.cert);
  const server =
    readPem(folder, "server", (x509) => covers(x509, names, nowMs) && x509.verify(issuer.publicKey)) ??
    writePem(
      folder,
      "server",
      await createCert({ ca: authority, domains: [...names], validity: SERVER_DAYS }),
    );
  return { key: server.key, cert: server.cert + authority.cert, authority: issuer.raw };
}

/** @returns what is kept, when it is whole and good; two starts at once may have mixed it up */
function readPem(
  folder: string,
  name: string,
  isGood: (certificate: X509Certificate) => boolean,
): Pem | undefined {
  try {
    const key = readFileSync(join(folder, `${name}.key`), "utf8");
    const cert = readFileSync(join(folder, `${name}.crt`), "utf8");
    const certificate = new X509Certificate(cert);
    return certificate.checkPrivateKey(createPrivateKey(key)) && isGood(certificate)
      ? { key, cert }
      : undefined;
  } catch {
    return undefined;
  }
}

function writePem(folder: string, name: string, pem: Pem): Pem {
  writeFileSync(join(folder, `${name}.key`), pem.key, { mode: 0o600 });
  writeFileSync(join(folder, `${name}.crt`), pem.cert);
  return pem;
}
