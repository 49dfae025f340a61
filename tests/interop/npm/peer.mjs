// `node peer.mjs NAME COMMAND --option VALUE …` or `node peer.mjs NAME --batch`: see ../README.md.
// Switches off the native part of cbor-x before anything loads it.
process.env.CBOR_NATIVE_ACCELERATION_DISABLED = 'true'

import { createInterface } from 'node:readline'
import { Refused, Unsupported, parseOptions } from './lib/common.mjs'

// The libraries print; stdout belongs to the answer.
console.log = console.info = console.debug = (...args) => console.error(...args)

// NAME, or NAME-adjusted: with the library's own parameters set so that its known faults stay out of sight.
const [name, ...rest] = process.argv.slice(2)
const [library, adjusted] = name.split('-')
const peer = await import(`./lib/${library}.mjs`)
if (adjusted) peer.adjust()

async function run(args) {
  try {
    const [command, ...options] = args
    const handler = peer.commands[command]
    if (!handler) throw new Unsupported(`${name} has no ${command}`)
    const answer = await handler(parseOptions(options))
    return { exit: 0, ok: true, ...answer }
  } catch (error) {
    const text = `${error?.name}: ${error?.message}`.slice(0, 600)
    if (error instanceof Refused) return { exit: 1, ok: false, accepted: false, error: error.message.slice(0, 600) }
    if (error instanceof Unsupported) return { exit: 2, ok: false, unsupported: true, error: error.message }
    console.error(error?.stack ?? error)
    // A peer that throws while it checks has refused.
    if (['verify', 'verify-issuer-signed', 'check-request'].includes(args[0])) {
      return { exit: 1, ok: false, accepted: false, error: text }
    }
    return { exit: 3, ok: false, crash: true, error: text }
  }
}

if (rest[0] === '--batch') {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`)
  }
} else {
  const { exit, ...answer } = await run(rest)
  process.stdout.write(`${JSON.stringify(answer)}\n`)
  process.exitCode = exit
}
