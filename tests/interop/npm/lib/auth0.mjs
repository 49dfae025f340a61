// npm @auth0/mdl. It has no DeviceRequest: a request becomes the presentation definition that it does have.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  Unsupported, algorithmOf, failures, names, one, plainNamespaces, publicJwk, rawArray, rawMap, readBytes, readCertificates, readJson,
  readJwk, tag24, text, toValue, validity,
} from './common.mjs'

const require = createRequire(import.meta.url)
const { DeviceResponse, Document, Verifier, parse } = require('@auth0/mdl')
const { DateOnly, cborDecode, cborEncode } = require('@auth0/mdl/lib/cbor')
const { COSEKeyFromJWK } = createRequire(require.resolve('@auth0/mdl'))('cose-kit')

const CURVES = ['P-256', 'P-384', 'P-521', 'Ed25519']
const SIGNATURE = CURVES
const MAC = ['P-256', 'P-384', 'P-521']

// Without a key id the library writes `4: undefined` into the headers; adjusted, it is given one.
let keyId = {}
let deviceKeyId = {}
export function adjust() {
  keyId = { kid: new TextEncoder().encode('issuer') }
  deviceKeyId = { kid: 'device' }
  const { name, version, issue, respond } = commands.capabilities()
  commands.capabilities = () => ({ name, version, issue, respond })
}

// DeviceResponse around IssuerSigned in files, whose bytes stay as they are.
const wrap = (docTypes, files) =>
  rawMap([
    ['version', text('1.0')],
    ['documents', rawArray(files.map((file, i) => rawMap([['docType', text(docTypes[i])], ['issuerSigned', readBytes(file)]])))],
    ['status', Uint8Array.of(0)],
  ])

const elements = (document) =>
  Object.fromEntries(
    Object.entries(document.issuerSigned.nameSpaces ?? {}).map(([namespace, items]) => [
      namespace,
      Object.fromEntries(items.map((item) => [item.elementIdentifier, toValue(item.elementValue)])),
    ])
  )

const anchors = (path) => (path ? readCertificates(path).map(({ pem }) => pem) : [])

export const commands = {
  capabilities: () => ({
    name: '@auth0/mdl',
    version: '3.0.1',
    issue: { curves: CURVES, device_curves: CURVES, own_pki: false },
    verify: { issuer_curves: CURVES, signature: SIGNATURE, mac: MAC, chain: true, digests: true, device_auth: true, issuer_only: true, several: true },
    respond: { signature: SIGNATURE, mac: MAC, several: true },
  }),

  async issue(o) {
    if (!o.signer) throw new Unsupported('no certificates of its own')
    const data = readJson(o.data)
    const signer = readJwk(o.signer)
    const document = new Document(data.docType)
    for (const [namespace, values] of plainNamespaces(data, { DateOnly })) document.addIssuerNameSpace(namespace, values)
    const issued = await document
      .useDigestAlgorithm('SHA-256')
      .addValidityInfo(validity())
      .addDeviceKeyInfo({ deviceKey: publicJwk(readJwk(one(o['device-key']))) })
      .sign({
        issuerPrivateKey: { ...signer, alg: algorithmOf(signer) },
        issuerCertificate: readCertificates(o.chain).map(({ der }) => der),
        alg: algorithmOf(signer),
        ...keyId,
      })
    writeFileSync(`${o.out}/issuer_signed.cbor`, cborEncode(issued.prepare().get('issuerSigned')))
    writeFileSync(`${o.out}/anchor.pem`, anchors(o.anchor).map((pem) => `${pem}\n`).join(''))
    writeFileSync(`${o.out}/ds.pem`, `${readCertificates(o.chain)[0].pem}\n`)
    return {}
  },

  async verify(o) {
    const checks = []
    const mdoc = await new Verifier(anchors(o.anchor)).verify(readBytes(o.response), {
      encodedSessionTranscript: tag24(readBytes(o.transcript)),
      ...(o['reader-key'] && { ephemeralReaderKey: COSEKeyFromJWK(readJwk(o['reader-key'])) }),
      onCheck: (check) => checks.push(check),
    })
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
    const [document] = parse(wrap([o.doctype], [one(o['issuer-signed'])])).documents
    const verifier = new Verifier(anchors(o.anchor))
    const checks = []
    const onCheck = (check) => checks.push(check)
    await verifier.verifyIssuerSignature(document.issuerSigned.issuerAuth, false, onCheck)
    await verifier.verifyData(document, onCheck)
    failures(checks)
    return { accepted: true, documents: [{ doc_type: document.docType, device_auth: null, elements: elements(document) }] }
  },

  async respond(o) {
    const requests = cborDecode(readBytes(o.request)).get('docRequests').map((request) => request.get('itemsRequest').data)
    // One key for all documents: the library takes no more.
    const device = { ...readJwk([o['device-key']].flat()[0]), ...deviceKeyId }
    const definition = {
      id: 'definition',
      input_descriptors: requests.map((items) => ({
        id: items.get('docType'),
        format: { mso_mdoc: { alg: [] } },
        constraints: {
          limit_disclosure: 'required',
          fields: [...items.get('nameSpaces')].flatMap(([namespace, asked]) =>
            [...asked].map(([element, retain]) => ({ path: [`$['${namespace}']['${element}']`], intent_to_retain: retain }))
          ),
        },
      })),
    }
    const holder = DeviceResponse.from(parse(wrap([o.doctype].flat(), [o['issuer-signed']].flat())))
      .usingPresentationDefinition(definition)
      .usingSessionTranscriptBytes(tag24(readBytes(o.transcript)))
    const mdoc = await (o.mac
      ? holder.authenticateWithMAC(device, COSEKeyFromJWK(publicJwk(readJwk(o['reader-key']))), 'HS256')
      : holder.authenticateWithSignature({ ...device, alg: algorithmOf(device) }, algorithmOf(device))
    ).sign()
    writeFileSync(o.out, mdoc.encode())
    return { elements: Object.assign({}, ...mdoc.documents.map((document) => names(elements(document)))) }
  },
}
