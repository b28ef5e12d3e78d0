import { getAddress, type EventFragment, type Interface, type ParamType, type Result } from 'ethers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contracts } from '../../domain/chain/contracts.ts'
import type { ContractEvent } from '../../domain/chain/events.ts'
import {
  evidenceLogEvents,
  fingerprintsEvents,
  participantAccountEvents,
  participantsEvents,
  receivablesEvents
} from '../../domain/chain/events.generated.ts'
import { recoveryEvents } from '../../domain/participant/recovery-events.ts'
import { noteIdToHex, receivableIdToHex } from '../../domain/note/span.ts'
import { layoutOf } from '../../indexer/layout.ts'

/** Any value of a type. */
function anyOf(type: ParamType): fc.Arbitrary<unknown> {
  if (type.isArray()) return fc.array(anyOf(type.arrayChildren), { maxLength: 5 })
  if (type.isTuple()) return fc.tuple(...type.components.map(anyOf))
  const hex = (bytes: number) =>
    fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => `0x${Buffer.from(b).toString('hex')}`)
  if (type.type === 'bytes32') return hex(32)
  if (type.type === 'address') return hex(20).map(getAddress)
  if (type.type === 'bool') return fc.boolean()
  const bits = BigInt(/^uint(\d+)$/.exec(type.type)![1]!)
  return fc.oneof(fc.bigInt({ min: 0n, max: (1n << bits) - 1n }), fc.constantFrom(0n, 1n, (1n << bits) - 1n))
}

/** What the generic decoder gives, spelled as events are stored. */
function spelled(type: ParamType, value: unknown): unknown {
  if (type.isArray()) return (value as unknown[]).map((item) => spelled(type.arrayChildren, item))
  if (type.isTuple()) return argsOf(type.components, value as Result)
  if (type.type === 'uint192') return receivableIdToHex(value as bigint)
  if (type.type === 'uint256') return noteIdToHex(value as bigint)
  if (type.type === 'bool') return value
  return String(value)
}
const argsOf = (inputs: readonly ParamType[], values: Result) =>
  Object.fromEntries(inputs.map((input, i) => [input.name, spelled(input, values[i])]))

const generated = {
  participants: participantsEvents,
  fingerprints: fingerprintsEvents,
  receivables: receivablesEvents,
  evidenceLog: evidenceLogEvents,
  participantAccount: participantAccountEvents
}
const events: [string, Interface, EventFragment, ContractEvent][] = []
for (const name of ['participants', 'fingerprints', 'receivables', 'evidenceLog', 'participantAccount'] as const) {
  const known: readonly ContractEvent[] = generated[name]
  contracts[name].forEachEvent((fragment) => {
    if (name === 'participantAccount' && !(recoveryEvents as readonly string[]).includes(fragment.name)) return
    const event = known.find(({ topic }) => topic === fragment.topicHash)!
    events.push([`${name} ${fragment.name}`, contracts[name], fragment, event])
  })
}

describe.each(events)('%s', (_, abi, fragment, event) => {
  const layout = layoutOf(event)
  const values = fc.tuple(...fragment.inputs.map(anyOf))

  test('is read as the generic decoder reads it', () => {
    fc.assert(
      fc.property(values, (given) => {
        const { topics, data } = abi.encodeEventLog(fragment, given)
        const expected = argsOf(fragment.inputs, abi.decodeEventLog(fragment, data, topics))
        expect(layout.read(topics, data)).toEqual(expected)
      }),
      { numRuns: 60 }
    )
  })

  test('is refused with a word more or less, or a value that its type can’t hold', () => {
    fc.assert(
      fc.property(values, (given) => {
        const { topics, data } = abi.encodeEventLog(fragment, given)
        expect(() => layout.read(topics, `${data}${'0'.repeat(64)}`)).toThrow(RangeError)
        expect(() => layout.read(topics.slice(0, -1), data)).toThrow(RangeError)
        if (data !== '0x') expect(() => layout.read(topics, data.slice(0, -64))).toThrow(RangeError)
        const narrow = fragment.inputs.findIndex(
          ({ indexed, type }) => indexed && type !== 'bytes32' && type !== 'uint256'
        )
        if (narrow === -1) return
        const wide = topics.map((topic, i) => (i === narrow + 1 ? `0xff${topic.slice(4)}` : topic))
        expect(() => layout.read(wide, data)).toThrow(RangeError)
      }),
      { numRuns: 10 }
    )
  })
})
