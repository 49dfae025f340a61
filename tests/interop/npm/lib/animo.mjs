// npm @animo-id/mdoc. It takes its primitives and its path validation from the caller: lib/common.mjs.
import { createECDH } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import {
  DateOnly, DeviceRequest, DeviceResponse, Document, MDoc, Verifier, cborEncode, parseDeviceResponse, parseIssuerSigned,
} from '@animo-id/mdoc'
import {
  Unsupported, algorithmOf, certificateData, certificateJwk, checkChain, deriveMacKey, digest, equal, failures, hmac, issuerNameField, names, one,
  plainNamespaces, publicJwk, random, readBytes, readCertificates, readJson, readJwk, signRaw, tag24, toValue, validity, verifyRaw,
} from './common.mjs'

const CURVES = ['P-256', 'P-384', 'P-521', 'Ed25519']
const MAC = ['P-256', 'P-384', 'P-521']
const OPENSSL = { 65: 'prime256v1', 97: 'secp384r1', 133: 'secp521r1' }

const context = {
  crypto: {
    random,
    digest,
    // Both keys come without their curve: it follows from the length of the point.
    calculateEphemeralMacKeyJwk: ({ privateKey, publicKey, sessionTranscriptBytes }) => {
      const ecdh = createECDH(OPENSSL[publicKey.length])
      ecdh.setPrivateKey(privateKey)
      const key = deriveMacKey(new Uint8Array(ecdh.computeSecret(publicKey)), sessionTranscriptBytes)
      return { kty: 'oct', k: Buffer.from(key).toString('base64url') }
    },
  },
  cose: {
    sign1: {
      sign: ({ jwk, sign1 }) => {
        const { data, alg } = sign1.getRawSigningData()
        return signRaw(jwk, alg, data)
      },
      verify: ({ jwk, options, sign1 }) => {
        const { data, signature, alg } = sign1.getRawVerificationData(options)
        return verifyRaw(jwk, alg, data, signature)
      },
    },
    mac0: {
      sign: ({ jwk, mac0 }) => hmac(Buffer.from(jwk.k, 'base64url'), mac0.getRawSigningData().data),
      verify: ({ jwk, mac0, options }) => {
        const { data, signature } = mac0.getRawVerificationData(options)
        return equal(hmac(Buffer.from(jwk.k, 'base64url'), data), signature)
      },
    },
  },
  x509: {
    getIssuerNameField: issuerNameField,
    getPublicKey: ({ certificate }) => certificateJwk(certificate),
    validateCertificateChain: checkChain,
    getCertificateData: certificateData,
  },
}

const elements = (document) =>
  Object.fromEntries(
    [...document.issuerSigned.nameSpaces].map(([namespace, items]) => [
      namespace,
      Object.fromEntries(items.map((item) => [item.elementIdentifier, toValue(item.elementValue)])),
    ])
  )

const anchors = (path) => (path ? readCertificates(path).map(({ der }) => der) : [])

export const commands = {
  capabilities: () => ({
    name: '@animo-id/mdoc',
    version: '0.5.2',
    issue: { curves: CURVES, device_curves: CURVES, own_pki: false },
    verify: { issuer_curves: CURVES, signature: CURVES, mac: MAC, chain: true, digests: true, device_auth: true, issuer_only: true, several: true },
    respond: { signature: CURVES, mac: MAC, several: true },
  }),

  async issue(o) {
    if (!o.signer) throw new Unsupported('no certificates of its own')
    const data = readJson(o.data)
    const signer = readJwk(o.signer)
    const document = new Document(data.docType, context)
    for (const [namespace, values] of plainNamespaces(data, { DateOnly })) document.addIssuerNameSpace(namespace, values)
    const issued = await document
      .useDigestAlgorithm('SHA-256')
      .addValidityInfo(validity())
      .addDeviceKeyInfo({ deviceKey: publicJwk(readJwk(one(o['device-key']))) })
      .sign({ issuerPrivateKey: signer, issuerCertificate: readCertificates(o.chain)[0].der, alg: algorithmOf(signer) }, context)
    writeFileSync(`${o.out}/issuer_signed.cbor`, cborEncode(issued.prepare().get('issuerSigned')))
    writeFileSync(`${o.out}/anchor.pem`, readCertificates(o.anchor).map(({ pem }) => `${pem}\n`).join(''))
    writeFileSync(`${o.out}/ds.pem`, `${readCertificates(o.chain)[0].pem}\n`)
    return {}
  },

  async verify(o) {
    const checks = []
    const encodedDeviceResponse = readBytes(o.response)
    const mdoc = await new Verifier().verifyDeviceResponse({
      encodedDeviceResponse,
      encodedSessionTranscript: tag24(readBytes(o.transcript)),
      ...(o['reader-key'] && { ephemeralReaderKey: readJwk(o['reader-key']) }),
      trustedCertificates: anchors(o.anchor),
      onCheck: (check) => checks.push(check),
    }, context)
    failures(checks)
    return {
      accepted: true,
      documents: mdoc.documents.map((document) => ({
        doc_type: document.docType,
        device_auth: document.deviceSigned?.deviceAuth.deviceMac ? 'mac' : 'signature',
        elements: elements(document),
      })),
    }
  },

  async 'verify-issuer-signed'(o) {
    const document = parseIssuerSigned(readBytes(one(o['issuer-signed'])), o.doctype)
    const verifier = new Verifier()
    const checks = []
    const onCheckG = (check) => checks.push(check)
    await verifier.verifyIssuerSignature({
      trustedCertificates: anchors(o.anchor), issuerAuth: document.issuerSigned.issuerAuth, disableCertificateChainValidation: false, onCheckG,
    }, context)
    await verifier.verifyData({ mdoc: document, onCheckG }, context)
    failures(checks)
    return { accepted: true, documents: [{ doc_type: document.docType, device_auth: null, elements: elements(document) }] }
  },

  async respond(o) {
    // One key for all documents: the library takes no more.
    const device = readJwk([o['device-key']].flat()[0])
    const types = [o.doctype].flat()
    const documents = [o['issuer-signed']].flat().map((file, i) => parseIssuerSigned(readBytes(file), types[i]))
    const holder = DeviceResponse.from(new MDoc(documents))
      .usingDeviceRequest(DeviceRequest.parse(readBytes(o.request)))
      .usingSessionTranscriptBytes(tag24(readBytes(o.transcript)))
    const mdoc = await (o.mac
      ? holder.authenticateWithMAC(device, publicJwk(readJwk(o['reader-key'])), 'HS256')
      : holder.authenticateWithSignature(device, algorithmOf(device))
    ).sign(context)
    const encoded = mdoc.encode()
    writeFileSync(o.out, encoded)
    return { elements: Object.assign({}, ...parseDeviceResponse(encoded).documents.map((document) => names(elements(document)))) }
  },
}
