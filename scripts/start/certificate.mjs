import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { createCA, createCert } from "mkcert";

/** @typedef {{ key: string, cert: string }} Pem a private key and its certificate, both as PEM */

/**
 * @typedef {object} LanCertificate
 * @property {string} key the server's private key, PEM
 * @property {string} cert the server's certificate and its authority's, PEM
 * @property {Buffer} authority the authority's certificate, DER: what a phone installs
 */

/** Apple refuses server certificates that live longer than 825 days: https://support.apple.com/en-us/103769 */
const SERVER_DAYS = 397;

/** The phone's owner installs this one by hand; nobody wants to do that often. */
const AUTHORITY_DAYS = 3_650;

/** A certificate that ends sooner than this is made anew. */
const REMAINING_DAYS = 7;

const DAY_MS = 86_400_000;

/**
 * @param {X509Certificate} certificate
 * @param {readonly string[]} names hosts and IPv4 addresses
 * @param {number} nowMs since the epoch
 * @returns {boolean} whether it is good for all of the names, now and for some days
 */
export function covers(certificate, names, nowMs) {
  const lasts = Date.parse(certificate.validTo) - nowMs > REMAINING_DAYS * DAY_MS;
  return lasts && names.every((name) => certificate.checkHost(name) ?? certificate.checkIP(name));
}

/**
 * The certificate of the HTTPS address. Its authority is made once and kept, so that a phone that trusts it goes on
 * trusting this computer when the network hands out another address; the server's certificate follows the addresses.
 *
 * @param {string} folder where both are kept; the keys are readable by their owner only and are served to nobody
 * @param {readonly string[]} names the hosts and IPv4 addresses that it is for
 * @param {number} [nowMs] since the epoch
 * @returns {Promise<LanCertificate>}
 */
export async function ensureCertificate(folder, names, nowMs = Date.now()) {
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

/**
 * @param {string} folder
 * @param {string} name
 * @param {(certificate: X509Certificate) => boolean} isGood
 * @returns {Pem | undefined} what is kept, when it is whole and good; two starts at once may have mixed it up
 */
function readPem(folder, name, isGood) {
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

/**
 * @param {string} folder
 * @param {string} name
 * @param {Pem} pem
 */
function writePem(folder, name, pem) {
  writeFileSync(join(folder, `${name}.key`), pem.key, { mode: 0o600 });
  writeFileSync(join(folder, `${name}.crt`), pem.cert);
  return pem;
}
