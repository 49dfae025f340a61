// What the three peers share: options, files, values, and the primitives (node:crypto) that two of them ask their caller for.
import { createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, randomBytes, sign, timingSafeEqual, verify, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'

export class Refused extends Error {}
export class Unsupported extends Error {}

const FLAGS = new Set(['mac', 'all'])
const REPEATED = new Set(['issuer-signed', 'device-key', 'doctype', 'send', 'receive'])
const KNOWN = new Set([
  ...FLAGS, ...REPEATED, 'data', 'message', 'passphrase', 'out', 'curve', 'signer', 'chain', 'anchor', 'response', 'transcript', 'reader-key', 'request', 'ask',
])

export function parseOptions(args) {
  const options = {}
  for (let i = 0; i < args.length; i++) {
    const key = args[i].replace(/^--/, '')
    if (!args[i].startsWith('--') || !KNOWN.has(key)) throw new Unsupported(`unknown option ${args[i]}`)
    if (FLAGS.has(key)) {
      options[key] = true
      continue
    }
    const value = args[++i]
    if (value === undefined) throw new Unsupported(`--${key} needs a value`)
    if (REPEATED.has(key) && options[key] !== undefined) options[key] = [options[key], value].flat()
    else options[key] = value
  }
  return options
}

export const one = (value) => {
  if (Array.isArray(value)) throw new Unsupported('one document only')
  return value
}
export const readBytes = (path) => new Uint8Array(readFileSync(path))
export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
export const readJwk = readJson
export const publicJwk = ({ d, ...jwk }) => jwk

export function readCertificates(path) {
  const blocks = readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((pem) => ({ pem, der: new Uint8Array(new X509Certificate(pem).raw) }))
}

export const ALGORITHM = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', Ed25519: 'EdDSA' }
const HASH = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' }
const CURVE = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', EdDSA: 'Ed25519' }

export function algorithmOf(jwk) {
  const algorithm = ALGORITHM[jwk.crv]
  if (!algorithm) throw new Unsupported(`no signature algorithm for ${jwk.crv}`)
  return algorithm
}

// ISO 18013-5 9.1.2.4 and RFC 9053: which algorithm goes with which curve.
export function signRaw(jwk, alg, bytes) {
  if (CURVE[alg] !== jwk.crv) throw new Error(`${alg} with ${jwk.crv}`)
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  return new Uint8Array(sign(HASH[alg] ?? null, bytes, { key, dsaEncoding: 'ieee-p1363' }))
}

export function verifyRaw(jwk, alg, bytes, signature) {
  if (CURVE[alg] !== jwk.crv) return false
  const key = createPublicKey({ key: publicJwk(jwk), format: 'jwk' })
  return verify(HASH[alg] ?? null, bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

export const sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest())
export const random = (length) => new Uint8Array(randomBytes(length))
export const digest = ({ digestAlgorithm, bytes }) =>
  new Uint8Array(createHash(digestAlgorithm.toLowerCase().replace('-', '')).update(bytes).digest())
export const hmac = (key, bytes) => new Uint8Array(createHmac('sha256', key).update(bytes).digest())
export const equal = (a, b) => a.length === b.length && timingSafeEqual(a, b)

export function sharedSecret(privateJwk, peerJwk) {
  return new Uint8Array(
    diffieHellman({
      privateKey: createPrivateKey({ key: privateJwk, format: 'jwk' }),
      publicKey: createPublicKey({ key: publicJwk(peerJwk), format: 'jwk' }),
    })
  )
}
export const deriveMacKey = (secret, transcriptBytes, info = 'EMacKey') =>
  new Uint8Array(hkdfSync('sha256', secret, sha256(transcriptBytes), info, 32))

export const certificateJwk = (der) => new X509Certificate(der).publicKey.export({ format: 'jwk' })

export function certificateData({ certificate }) {
  const x509 = new X509Certificate(certificate)
  return {
    issuerName: x509.issuer,
    subjectName: x509.subject,
    serialNumber: x509.serialNumber,
    thumbprint: x509.fingerprint256,
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    pem: x509.toString(),
  }
}

export function issuerNameField({ certificate, field }) {
  return new X509Certificate(certificate).issuer
    .split('\n')
    .filter((line) => line.startsWith(`${field}=`))
    .map((line) => line.slice(field.length + 1))
}

// The path that a caller of these two libraries brings: every link signed, within its time, ending at an anchor.
export function checkChain({ trustedCertificates, x5chain, now = new Date() }) {
  const anchors = trustedCertificates.map((der) => new X509Certificate(der))
  const chain = x5chain.map((der) => new X509Certificate(der))
  chain.forEach((certificate, i) => {
    if (new Date(certificate.validFrom) > now || new Date(certificate.validTo) < now) throw new Error('certificate out of its time')
    const parents = i + 1 < chain.length ? [chain[i + 1]] : anchors
    if (!parents.some((parent) => certificate.checkIssued(parent) && certificate.verify(parent.publicKey))) {
      throw new Error('no path to an anchor')
    }
  })
}

// VALUE of the interface <-> the peer's own classes.
export function fromValue(value, types) {
  if (Array.isArray(value)) return value.map((entry) => fromValue(entry, types))
  if (value === null || typeof value !== 'object') return value
  if ('bytes' in value) return new Uint8Array(Buffer.from(value.bytes, 'base64url'))
  if ('date' in value) return new types.DateOnly(value.date)
  if ('tdate' in value) return new Date(value.tdate)
  return types.maps === false
    ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fromValue(v, types)]))
    : new Map(Object.entries(value).map(([k, v]) => [k, fromValue(v, types)]))
}

export function toValue(value) {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64url') }
  // The bundlers rename the class.
  if (/DateOnly$/.test(value?.constructor?.name)) return { date: value.toISOString().slice(0, 10) }
  if (value instanceof Date) return { tdate: `${value.toISOString().split('.')[0]}Z` }
  if (Array.isArray(value)) return value.map(toValue)
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, toValue(v)]))
  if (typeof value === 'bigint') return Number(value)
  if (value !== null && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toValue(v)]))
  return value
}

export const plainNamespaces = (data, types) =>
  Object.entries(data.namespaces).map(([namespace, elements]) => [
    namespace,
    Object.fromEntries(Object.entries(elements).map(([name, value]) => [name, fromValue(value, types)])),
  ])

// Which elements, without their values.
export const names = (elements) => Object.fromEntries(Object.entries(elements).map(([namespace, found]) => [namespace, Object.keys(found)]))

// Signed an hour ago, valid for a year, whole seconds.
export function validity() {
  const signed = new Date(Math.floor(Date.now() / 1000) * 1000 - 3600_000)
  return { signed, validFrom: signed, validUntil: new Date(signed.getTime() + 365 * 86400_000) }
}

// The little CBOR that the driver itself writes around bytes that must stay as they are.
function head(major, n) {
  if (n < 24) return Uint8Array.of((major << 5) | n)
  if (n < 256) return Uint8Array.of((major << 5) | 24, n)
  if (n < 65536) return Uint8Array.of((major << 5) | 25, n >> 8, n & 255)
  return Uint8Array.of((major << 5) | 26, n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255)
}
export const concat = (...parts) => new Uint8Array(Buffer.concat(parts))
export const text = (string) => {
  const bytes = new TextEncoder().encode(string)
  return concat(head(3, bytes.length), bytes)
}
export const tag24 = (bytes) => concat(Uint8Array.of(0xd8, 24), head(2, bytes.length), bytes)
export const rawMap = (entries) => concat(head(5, entries.length), ...entries.flatMap(([key, value]) => [text(key), value]))
export const rawArray = (items) => concat(head(4, items.length), ...items)

export function failures(checks) {
  const failed = checks.filter((check) => check.status === 'FAILED')
  if (failed.length > 0) throw new Refused(failed.map((check) => check.reason ?? check.check).join('; '))
}
