import { encodeRlp, keccak256 } from 'ethers'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeHeader, encodeHeader } from '../../../../domain/evidence/proof/header.ts'
import { wordsOf, type StateProof } from '../../../../domain/evidence/proof/state-proof.ts'
import { EMPTY_ROOT, lookUp } from '../../../../domain/evidence/proof/trie.ts'
import { slotOf, Store } from './store.ts'

const store = new Store()
const invalid = expect.objectContaining({ code: 'STATE_PROOF_INVALID' })
const mismatch = expect.objectContaining({ code: 'HEADER_MISMATCH' })
/** Sixty words: branches two deep, and leaves below them. */
const stored = new Map(Array.from({ length: 60 }, (_, i) => [i * 7, BigInt(i + 1) ** BigInt((i % 12) + 1)] as const))

beforeAll(async () => {
  await store.start()
  for (const [slot, value] of stored) await store.put(slot, value)
})
afterAll(() => store.stop())

const rootNow = async () => decodeHeader(await store.header()).stateRoot
const flip = (hex: string, byte: number, bits: number): string => {
  const at = 2 + 2 * byte
  const changed = (Number.parseInt(hex.slice(at, at + 2), 16) ^ bits).toString(16).padStart(2, '0')
  return hex.slice(0, at) + changed + hex.slice(at + 2)
}

describe("a node's proofs", () => {
  it('show each stored word and the absence of each other one', async () => {
    const slots = Array.from({ length: 430 }, (_, i) => i)
    const proof = await store.proof(slots)
    const words = wordsOf(await rootNow(), proof)
    expect(words.size).toBe(430)
    for (const slot of slots) expect(words.get(slotOf(slot)), String(slot)).toBe(stored.get(slot) ?? 0n)
  })

  it('hold for older blocks while the node was not started again', async () => {
    const old = '0xa'
    const words = wordsOf(decodeHeader(await store.header(old)).stateRoot, await store.proof([0, 7 * 59], old))
    expect([...words.values()]).toEqual([1n, 0n])
  })

  it('show a word that was set to zero as zero, though anvil keeps an entry for it', async () => {
    await store.put(7, 0n)
    expect(wordsOf(await rootNow(), await store.proof([7])).get(slotOf(7))).toBe(0n)
    await store.put(7, stored.get(7)!)
  })

  it('are refused with any bit of any byte changed', async () => {
    const root = await rootNow()
    for (const proof of [await store.proof([14]), await store.proof([15])]) {
      const lists = [proof.accountProof, proof.slots[0]!.proof]
      let tried = 0
      for (const list of lists) {
        for (let node = 0; node < list.length; node++) {
          const whole = list[node]!
          for (let byte = 0; byte < whole.length / 2 - 1; byte++) {
            list[node] = flip(whole, byte, 1 << (tried++ % 8))
            expect(() => wordsOf(root, proof)).toThrow(invalid)
          }
          list[node] = whole
        }
      }
      expect(tried).toBeGreaterThan(500)
      expect(() => wordsOf(root, proof)).not.toThrow()
    }
  })

  it('are refused with a node left out, doubled, swapped or added', async () => {
    const root = await rootNow()
    const proof = await store.proof([21])
    const nodes = proof.slots[0]!.proof
    const altered: string[][] = [
      [],
      nodes.slice(1),
      nodes.slice(0, -1),
      [...nodes, nodes[0]!],
      [nodes[0]!, ...nodes],
      [...nodes].reverse(),
      [...nodes, '0x80']
    ]
    for (const other of altered) {
      const one = { ...proof, slots: [{ slot: slotOf(21), proof: other }] }
      expect(() => wordsOf(root, one), JSON.stringify(other.length)).toThrow(invalid)
    }
    expect(() => wordsOf(root, { ...proof, accountProof: [] })).toThrow(invalid)
    expect(() => wordsOf(root, { ...proof, slots: [proof.slots[0]!, proof.slots[0]!] })).toThrow(invalid)
  })

  it('are refused for another slot, another contract or another block', async () => {
    const root = await rootNow()
    const proof = await store.proof([28])
    const other: StateProof = { ...proof, slots: [{ slot: slotOf(35), proof: proof.slots[0]!.proof }] }
    // Another slot's nodes may also show that this one is absent, where the paths part; never that it has another word.
    try {
      expect(wordsOf(root, other).get(slotOf(35))).not.toBe(proof.values[0])
    } catch (error) {
      expect(error).toEqual(invalid)
    }
    expect(() => wordsOf(root, { ...proof, address: `0x${'11'.repeat(20)}` })).toThrow(invalid)
    const older = decodeHeader(await store.header('0x5')).stateRoot
    expect(() => wordsOf(older, proof)).toThrow(invalid)
  })

  it("hold after the node's restart for the newest block", async () => {
    await store.chain.stop()
    await store.start()
    const words = wordsOf(await rootNow(), await store.proof([0, 1]))
    expect([...words.values()]).toEqual([1n, 0n])
    await store.put(1, 5n)
    expect(wordsOf(await rootNow(), await store.proof([1])).get(slotOf(1))).toBe(5n)
    await store.put(1, 0n)
  })
})

describe('a trie', () => {
  const path = keccak256('0x01').slice(2)
  const leaf = (nibbles: string, value: string): string[] => [`0x${nibbles.length % 2 ? '3' : '20'}${nibbles}`, value]
  const rootOf = (node: string): string => keccak256(node)
  const look = (node: unknown) => {
    const encoded = encodeRlp(node as string[])
    return lookUp(rootOf(encoded), '0x01', [encoded])
  }

  it('with one entry is a leaf with the whole path', () => {
    expect(look(leaf(path, '0x2a'))).toBe('0x2a')
    expect(look(leaf(`${path.slice(0, 63)}${path[63] === '0' ? '1' : '0'}`, '0x2a'))).toBeUndefined()
  })

  it('without entries shows the absence of all', () => {
    expect(lookUp(EMPTY_ROOT, '0x01', [])).toBeUndefined()
    expect(lookUp(EMPTY_ROOT, '0x01', ['0x80'])).toBeUndefined()
    expect(() => lookUp(EMPTY_ROOT, '0x01', ['0x80', '0x80'])).toThrow(invalid)
  })

  const branch = (change: Record<number, unknown>) =>
    Object.assign(
      Array.from({ length: 17 }, () => '0x'),
      change
    )
  const child = `0x${'ab'.repeat(32)}`
  it.each<[string, unknown]>([
    ['a leaf at another depth', leaf(path.slice(2), '0x2a')],
    ['a leaf without value', leaf(path, '0x')],
    ['a path with an unknown flag', [`0x40${path}`, '0x2a']],
    ['a path with padding', [`0x21${path}`, '0x2a']],
    ['an extension without path', ['0x00', child]],
    ['an extension without child', ['0x11', '0x']],
    ['an extension of the whole path', [`0x00${path}`, child]],
    ['a branch with a value', branch({ 0: child, 1: child, 16: '0x01' })],
    ['a branch with one child', branch({ 3: child })],
    ['a child that is no hash', branch(Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, '0x1234'])))],
    ['a node of three items', ['0x20', '0x', '0x']],
    ['a node that is a string', '0x1234']
  ])('refuses %s', (_, node) => {
    expect(() => look(node)).toThrow(invalid)
  })

  it('refuses a node in another form of RLP than the canonical one', () => {
    const body = encodeRlp(leaf(path, '0x2a')).slice(4)
    const long = `0xf8${(body.length / 2).toString(16).padStart(2, '0')}${body}`
    expect(() => lookUp(rootOf(long), '0x01', [long])).toThrow(invalid)
  })

  it('refuses whatever bytes with the right hash, and never fails otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
        const node = `0x${Buffer.from(bytes).toString('hex')}`
        try {
          lookUp(rootOf(node), '0x01', [node])
        } catch (error) {
          expect(error).toEqual(invalid)
        }
      })
    )
  })
})

describe('a header', () => {
  it('has the hash by which the node names the block, whichever', async () => {
    const head = Number((await store.block())['number'])
    for (let number = 0; number <= head; number += 5) {
      const block = await store.block(`0x${number.toString(16)}`)
      const header = decodeHeader(encodeHeader(block))
      expect(header).toMatchObject({ hash: block['hash'], number, stateRoot: block['stateRoot'] })
      expect(header.time).toBe(Number(block['timestamp']))
    }
  })

  it.each([
    ['Frontier', 15, true],
    ['London', 16, true],
    ['Shanghai', 17, true],
    ['half of Cancun', 18, false],
    ['Cancun without the root of the beacon', 19, true],
    ['Cancun', 20, true],
    ['less than Frontier', 14, false]
  ])('of %s is read or refused: %#', async (_, length, isOne) => {
    const block = await store.block()
    const names = [...Object.keys(block)]
    expect(names.length).toBeGreaterThan(20)
    const items = [...decodeHeader(encodeHeader(block)).items].slice(0, length)
    const read = () => decodeHeader(encodeRlp(items))
    if (isOne) expect(read().number).toBe(Number(block['number']))
    else expect(read).toThrow(mismatch)
  })

  it('is refused with a field of another length, leading zeros or a list', async () => {
    const { items } = decodeHeader(await store.header())
    const altered = (at: number, value: unknown) => encodeRlp(Object.assign([...items], { [at]: value }) as string[])
    for (const [at, value] of [
      [0, '0x12'],
      [8, '0x0001'],
      [3, []],
      [8, `0x${'ff'.repeat(8)}`],
      [14, '0x']
    ] as const) {
      expect(() => decodeHeader(altered(at, value)), String(at)).toThrow(mismatch)
    }
    const longer = `${await store.header()}00`
    expect(() => decodeHeader(longer)).toThrow(mismatch)
  })
})
