// npm jose: JWE under a passphrase, and nothing of documents.
import { writeFileSync } from 'node:fs'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { Refused, readBytes } from './common.mjs'

export const commands = {
  capabilities: () => ({ name: 'jose', version: '6.1.0', jwe: true }),

  async encrypt(o) {
    const message = await new CompactEncrypt(readBytes(o.data))
      .setProtectedHeader({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', cty: 'application/json', typ: 'JOSE' })
      .setKeyManagementParameters({ p2c: 600_000 })
      .encrypt(readBytes(o.passphrase))
    writeFileSync(o.out, message)
    return {}
  },

  async decrypt(o) {
    // By itself the library takes no passphrases, and 10,000 iterations at most.
    const options = { keyManagementAlgorithms: ['PBES2-HS256+A128KW'], maxPBES2Count: 1_000_000 }
    const message = new TextDecoder().decode(readBytes(o.message))
    const { plaintext, protectedHeader } = await compactDecrypt(message, readBytes(o.passphrase), options).catch((error) => {
      throw new Refused(`${error.name}: ${error.message}`)
    })
    writeFileSync(o.out, plaintext)
    return { content_type: protectedHeader.cty ?? null }
  },
}
