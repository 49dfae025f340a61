// npm @owf/mdoc. It takes its primitives and its path validation from the caller: lib/common.mjs.
import { writeFileSync } from 'node:fs'
import {
  CoseKey, Curve, DateOnly, DeviceKey, DeviceRequest, DeviceResponse, DocRequest, Holder, IssuerSigned, Issuer, ItemsRequest, KeyType, MacAlgorithm,
  ReaderAuth, SessionTranscript, SignatureAlgorithm, Verifier, Header, cborDecode,
} from '@owf/mdoc'
import {
  Unsupported, algorithmOf, certificateData, certificateJwk, checkChain, deriveMacKey, digest, equal, failures, hmac,
  issuerNameField, names, one, plainNamespaces, publicJwk, random, rawArray, readBytes, readCertificates, readJson, readJwk, sharedSecret, signRaw,
  tag24, text, toValue, validity, verifyRaw,
} from './common.mjs'

const bytes = (base64url) => new Uint8Array(Buffer.from(base64url, 'base64url'))
const unbytes = (array) => Buffer.from(array).toString('base64url')

// `CoseKey.fromJwk` knows no curve but P-256, X25519 and the Edwards ones, so the key is put together by its parameters.
function toCose(jwk, algorithm, Kind = CoseKey) {
  return Kind.create({
    keyType: jwk.kty === 'EC' ? KeyType.Ec : KeyType.Okp,
    curve: Curve[jwk.crv],
    x: bytes(jwk.x),
    ...(jwk.y && { y: bytes(jwk.y) }),
    ...(jwk.d && { d: bytes(jwk.d) }),
    ...(algorithm !== undefined && { algorithm }),
  })
}
const toJwk = (key) => ({
  kty: key.keyType === KeyType.Ec ? 'EC' : 'OKP',
  crv: Curve[key.curve],
  x: unbytes(key.x),
  ...(key.y && { y: unbytes(key.y) }),
  ...(key.d && { d: unbytes(key.d) }),
})

// The library takes digest ids from four random bytes as they are; adjusted, they stay below 2^31 (ISO 18013-5 9.1.2.4).
let smallIds = false
export function adjust() {
  smallIds = true
  const { name, version, issue, respond } = commands.capabilities()
  commands.capabilities = () => ({ name, version, issue, respond })
}

const context = {
  crypto: {
    random: (length) => {
      const bytes = random(length)
      if (smallIds && length === 4) bytes[0] &= 0x7f
      return bytes
    },
    digest,
    calculateEphemeralMacKey: ({ privateKey, publicKey, sessionTranscriptBytes, info }) => {
      const secret = sharedSecret(toJwk(CoseKey.decode(privateKey)), toJwk(CoseKey.decode(publicKey)))
      return CoseKey.create({ keyType: KeyType.Oct, k: deriveMacKey(secret, sessionTranscriptBytes, info) })
    },
  },
  cose: {
    sign1: {
      sign: ({ toBeSigned, key, algorithm }) => signRaw(toJwk(key), SignatureAlgorithm[algorithm], toBeSigned),
      verify: ({ sign1, key }) => verifyRaw(toJwk(key), sign1.signatureAlgorithmName, sign1.toBeSigned, sign1.signature),
    },
    mac0: {
      sign: ({ key, toBeAuthenticated }) => hmac(key.privateKey, toBeAuthenticated),
      verify: ({ mac0, key }) => equal(hmac(key.privateKey, mac0.toBeAuthenticated), mac0.tag),
    },
  },
  x509: {
    getIssuerNameField: issuerNameField,
    getPublicKey: ({ certificate }) => toCose(certificateJwk(certificate)),
    verifyCertificateChain: checkChain,
    getCertificateData: certificateData,
  },
}

function elements(issuerSigned) {
  const answer = {}
  for (const [namespace, items] of issuerSigned.issuerNamespaces?.issuerNamespaces ?? []) {
    answer[namespace] = Object.fromEntries(items.map((item) => [item.elementIdentifier, toValue(item.elementValue)]))
  }
  return answer
}

const anchors = (path) => (path ? readCertificates(path).map(({ der }) => der) : [])

export const commands = {
  capabilities: () => ({
    name: '@owf/mdoc',
    version: '0.6.0',
    issue: { curves: ['P-256', 'P-384', 'P-521', 'Ed25519'], device_curves: ['P-256', 'P-384', 'P-521', 'Ed25519', 'X25519'], own_pki: false },
    verify: {
      issuer_curves: ['P-256', 'P-384', 'P-521', 'Ed25519'],
      signature: ['P-256', 'P-384', 'P-521', 'Ed25519'],
      mac: ['P-256', 'P-384', 'P-521'],
      chain: true, digests: true, device_auth: true, issuer_only: true, several: true,
    },
    respond: { signature: ['P-256', 'P-384', 'P-521', 'Ed25519'], mac: ['P-256', 'P-384', 'P-521'], several: true },
    request: { plain: true, reader_auth: ['P-256', 'P-384', 'P-521', 'Ed25519'], reader_auth_all: [] },
    check_request: { reader_auth: ['P-256', 'P-384', 'P-521', 'Ed25519'], reader_auth_all: [], chain: false },
  }),

  async issue(o) {
    if (!o.signer) throw new Unsupported('no certificates of its own')
    const data = readJson(o.data)
    const signer = readJwk(o.signer)
    const algorithm = SignatureAlgorithm[algorithmOf(signer)]
    const issuer = new Issuer(data.docType, context)
    for (const [namespace, values] of plainNamespaces(data, { DateOnly })) issuer.addIssuerNamespace(namespace, values)
    const issuerSigned = await issuer.sign({
      signingKey: toCose(signer),
      algorithm,
      digestAlgorithm: 'SHA-256',
      validityInfo: validity(),
      deviceKeyInfo: { deviceKey: toCose(publicJwk(readJwk(one(o['device-key']))), undefined, DeviceKey) },
      certificates: readCertificates(o.chain).map(({ der }) => der),
    })
    writeFileSync(`${o.out}/issuer_signed.cbor`, issuerSigned.encode())
    writeFileSync(`${o.out}/anchor.pem`, readCertificates(o.anchor).map(({ pem }) => `${pem}\n`).join(''))
    writeFileSync(`${o.out}/ds.pem`, `${readCertificates(o.chain)[0].pem}\n`)
    return {}
  },

  async verify(o) {
    const response = DeviceResponse.decode(readBytes(o.response))
    const checks = []
    await Verifier.verifyDeviceResponse({
      deviceResponse: response,
      sessionTranscript: tag24(readBytes(o.transcript)),
      ...(o.request && { deviceRequest: DeviceRequest.decode(readBytes(o.request)) }),
      ...(o['reader-key'] && { ephemeralReaderKey: toCose(readJwk(o['reader-key'])) }),
      trustedCertificates: anchors(o.anchor),
      onCheck: (check) => checks.push(check),
    }, context)
    failures(checks)
    return {
      accepted: true,
      documents: (response.documents ?? []).map((document) => ({
        doc_type: document.docType,
        device_auth: document.deviceSigned.deviceAuth.deviceMac ? 'mac' : 'signature',
        elements: elements(document.issuerSigned),
      })),
    }
  },

  async 'verify-issuer-signed'(o) {
    const issuerSigned = IssuerSigned.decode(readBytes(one(o['issuer-signed'])))
    const checks = []
    await Holder.verifyIssuerSigned({
      issuerSigned, trustedCertificates: anchors(o.anchor), verificationCallback: (check) => checks.push(check),
    }, context)
    failures(checks)
    return {
      accepted: true,
      documents: [{ doc_type: issuerSigned.issuerAuth.mobileSecurityObject.docType, device_auth: null, elements: elements(issuerSigned) }],
    }
  },

  async respond(o) {
    const device = readJwk([o['device-key']].flat()[0])
    const response = await Holder.createDeviceResponseForDeviceRequest({
      deviceRequest: DeviceRequest.decode(readBytes(o.request)),
      sessionTranscript: tag24(readBytes(o.transcript)),
      issuerSigned: [o['issuer-signed']].flat().map((path) => IssuerSigned.decode(readBytes(path))),
      ...(o.mac
        ? { mac: { signingKey: toCose(device, MacAlgorithm.HS256), ephemeralKey: toCose(publicJwk(readJwk(o['reader-key']))) } }
        : { signature: { signingKey: toCose(device, SignatureAlgorithm[algorithmOf(device)]) } }),
    }, context)
    writeFileSync(o.out, response.encode())
    return { elements: Object.assign({}, ...response.documents.map((document) => names(elements(document.issuerSigned)))) }
  },

  async request(o) {
    if (o.all) throw new Unsupported('no readerAuthAll')
    const docRequests = []
    for (const [docType, namespaces] of Object.entries(readJson(o.ask))) {
      const itemsRequest = ItemsRequest.create({ docType, namespaces })
      let readerAuth
      if (o.signer) {
        const signer = readJwk(o.signer)
        const certificates = readCertificates(o.chain).map(({ der }) => der)
        // The library exports no `ReaderAuthentication`; its bytes are put together around those of its own ItemsRequest.
        readerAuth = await ReaderAuth.create({
          protectedHeaders: new Map([[Header.Algorithm, SignatureAlgorithm[algorithmOf(signer)]]]),
          unprotectedHeaders: new Map([[Header.X5Chain, certificates.length === 1 ? certificates[0] : certificates]]),
          detachedPayload: tag24(rawArray([text('ReaderAuthentication'), readBytes(o.transcript), itemsRequest.encode({ asDataItem: true })])),
          signingKey: toCose(signer),
          algorithm: SignatureAlgorithm[algorithmOf(signer)],
        }, context)
      }
      docRequests.push(DocRequest.create({ itemsRequest, ...(readerAuth && { readerAuth }) }))
    }
    writeFileSync(o.out, DeviceRequest.create({ docRequests }).encode())
    return {}
  },

  async 'check-request'(o) {
    const deviceRequest = DeviceRequest.decode(readBytes(o.request))
    const sessionTranscript = SessionTranscript.decode(readBytes(o.transcript))
    const asked = {}
    const states = []
    for (const docRequest of deviceRequest.docRequests) {
      const docType = docRequest.itemsRequest.docType
      asked[docType] = Object.fromEntries([...docRequest.itemsRequest.namespaces].map(([n, e]) => [n, Object.fromEntries(e)]))
      let state = 'absent'
      if (docRequest.readerAuth) {
        const checks = []
        await Holder.verifyDeviceRequest({
          deviceRequest: DeviceRequest.create({ docRequests: [docRequest] }), sessionTranscript, verificationCallback: (check) => checks.push(check),
        }, context)
        state = checks.length > 0 && checks.every((check) => check.status === 'PASSED') ? 'valid' : 'invalid'
      }
      states.push({ doc_type: docType, state })
    }
    return { asked, reader_auth: states, reader_auth_all: cborDecode(readBytes(o.request)).has('readerAuthAll') ? 'unsupported' : 'absent' }
  },
}
