import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { id, Transaction } from 'ethers'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { inTransaction, openServicePool, type Pool } from '../../api/database.ts'
import { insertIntent, recordIntent } from '../../api/intents/repository.ts'
import { newIntentId } from '../../api/intents/create.ts'
import { RelayerChain } from '../../api/relayer/chain.ts'
import { markRefused, markSent, nextQueued, OutboxRowMoved, takeNonces } from '../../api/relayer/outbox.ts'
import { prepareSender, Relay } from '../../api/relayer/relay.ts'
import { contracts, type Deployment } from '../../domain/chain/contracts.ts'
import { callOf, type Command } from '../../domain/intent/commands.ts'
import {
  digestOfTypedData,
  encodeMultiSignature,
  executeTypedData,
  nonceOfIntent
} from '../../domain/intent/typed-data.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import { receivableStates } from '../../domain/receivable/receivable-states.ts'
import { receivableIdOf, type Terms } from '../../domain/receivable/terms.ts'
import { askChain, startChain, type Chain } from '../../scripts/instance/chain.ts'
import { startDatabase, type Database } from '../../scripts/instance/database.ts'
import { readKeys, type WorldKeys } from '../../scripts/world/keys.ts'
import { participantIdOf, prepareWorld } from '../../scripts/world/prepare.ts'
import { signWith } from '../../scripts/world/signing.ts'

/** The relayer's turns one by one, on a real chain that can be made to lose its newest blocks. */
describe('the relayer', { timeout: 60_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'tallystick-relayer-'))
  let chain: Chain
  let database: Database
  let pool: Pool
  let relayer: RelayerChain
  let relay: Relay
  let deployment: Deployment
  let keys: WorldKeys
  let accounts: Map<number, string>
  let count = 0

  beforeAll(async () => {
    ;[chain, database] = await Promise.all([startChain({ dir }), startDatabase({ dir })])
    const options = { rpcUrl: chain.url, databaseUrl: database.url, dataDir: dir, apiPort: 1, report: () => {} }
    const { configs } = await prepareWorld(options)
    deployment = configs.relayer.deployment
    keys = await readKeys(dir)
    pool = openServicePool(database.url)
    relayer = new RelayerChain(chain.url, deployment, keys.operator)
    await prepareSender(pool, relayer)
    relay = new Relay(pool, relayer, 0)
    const { rows } = await pool.query<{ id: number; account: string }>(
      'select participant_id as id, account from app.participant'
    )
    accounts = new Map(rows.map((row) => [row.id, row.account]))
  })
  afterAll(async () => {
    relayer?.destroy()
    await pool?.end()
    await Promise.all([chain?.stop(), database?.stop()])
    rmSync(dir, { recursive: true, force: true })
  })
  beforeEach(() => untilQuiet())

  /** Puts a signed command into the outbox, as the api does. */
  async function order(slug: string, command: Command, receivableId: bigint, signerCount?: number): Promise<string> {
    const intentId = newIntentId()
    const participantId = participantIdOf(slug)
    const deadline = Math.floor(Date.now() / 1000) + 3600
    const nonce = nonceOfIntent(intentId)
    const target = accounts.get(participantId)!
    const typedData = executeTypedData(deployment.chainId, target, [callOf(command, deployment)], nonce, deadline)
    const { message } = typedData
    const signers = keys.participants[slug]!.signers.slice(0, signerCount)
    const signatures = await Promise.all(signers.map((key) => signWith(key, typedData, deployment)))
    const packed = encodeMultiSignature(signatures)
    const data = contracts.participantAccount.encodeFunctionData('execute', [message.calls, nonce, deadline, packed])
    await inTransaction(pool, async (tx) => {
      await insertIntent(tx, {
        intentId,
        participantId,
        kind: command.kind,
        command: {},
        typedData,
        digest: digestOfTypedData(typedData),
        words: { en: command.kind, zh: command.kind },
        receivableId: receivableIdToHex(receivableId),
        noteId: null
      })
      await recordIntent(tx, intentId, { target, data })
    })
    return intentId
  }

  async function register() {
    const registered = newTerms()
    const receivableId = receivableIdOf(registered.terms, registered.fingerprints)
    const intentId = await order('alder', { kind: 'register', ...registered }, receivableId)
    return { intentId, receivableId, confirm: { kind: 'confirm', ...registered } as const }
  }

  function newTerms(): { terms: Terms; fingerprints: string[] } {
    const terms: Terms = {
      creditor: participantIdOf('alder'),
      debtor: participantIdOf('meridian'),
      amount: 10_000n,
      currency: 978,
      maturity: Math.floor(Date.now() / 1000) + 86_400,
      contentCommitment: id(`content ${++count}`)
    }
    return { terms, fingerprints: [`0x0001${id(`fingerprint ${count}`).slice(6)}`] }
  }

  /**
   * Turns until nothing waits or is on its way. A turn in which nothing moves is no end: a block comes when the chain has
   * time for it, and until then the transaction before holds up the ones behind.
   */
  async function untilQuiet(): Promise<void> {
    const deadline = Date.now() + 20_000
    for (;;) {
      const hasMoved = await relay.turn()
      const { rowCount: open } = await pool.query(`select from app.outbox where state in ('queued', 'sent') limit 1`)
      if (!hasMoved && open === 0) return
      if (Date.now() > deadline) throw new Error('the relayer does not come to rest')
      if (!hasMoved) await delay(5)
    }
  }

  async function stateOf(intentId: string) {
    const { rows } = await pool.query<{ state: string; refusal: { code: string } | null; hash: string; raw: string }>(
      `select i.state, i.refusal, i.tx_hash as hash, o.raw from app.intent i join app.outbox o using (intent_id)
        where intent_id = $1`,
      [intentId]
    )
    return rows[0]!
  }

  async function nonces(): Promise<{ used: number[]; next: number; mined: number }> {
    const { rows } = await pool.query<{ used: number[]; next: number }>(
      `select (select coalesce(array_agg(nonce::int order by nonce), '{}') from app.outbox where nonce is not null) as used,
              next_nonce::int as next from app.sender`
    )
    return { ...rows[0]!, mined: await relayer.minedCount() }
  }

  async function expectContiguous(): Promise<void> {
    const { used, next, mined } = await nonces()
    expect(used).toEqual(used.map((_, index) => index))
    expect({ next, mined }).toEqual({ next: used.length, mined: used.length })
  }

  const snapshot = () => askChain(chain.url, 'evm_snapshot') as Promise<string>
  const loseBlocksSince = (name: string) => askChain(chain.url, 'evm_revert', [name])

  it('refuses what the contract refuses, without a transaction and for ever', async () => {
    const { intentId } = await register()
    await untilQuiet()
    const before = await nonces()
    const strange = newTerms()
    const strangeId = receivableIdOf(strange.terms, strange.fingerprints)
    const unknown = await order('meridian', { kind: 'confirm', ...strange }, strangeId)
    await untilQuiet()
    const required = String(receivableStates.indexOf('confirmed'))
    expect(await stateOf(unknown)).toMatchObject({
      state: 'refused',
      refusal: {
        code: 'ReceivableTransitionForbidden',
        args: { receivableId: String(strangeId), presented: '0', required }
      },
      hash: null
    })
    expect((await stateOf(intentId)).state).toBe('mined')
    expect(await nonces()).toEqual(before)
  })

  it('refuses a confirmation that the P-256 checker did not sign, and carries it with both', async () => {
    const { receivableId, confirm } = await register()
    const alone = await order('meridian', confirm, receivableId, 1)
    await untilQuiet()
    expect(await stateOf(alone)).toMatchObject({ state: 'refused', refusal: { code: 'SignatureInvalid' }, hash: null })
    const both = await order('meridian', confirm, receivableId)
    await untilQuiet()
    expect((await stateOf(both)).state).toBe('mined')
  })

  it('sends the same bytes again when the chain loses blocks, and ends each intent as before', async () => {
    const name = await snapshot()
    const { intentId, receivableId, confirm } = await register()
    const confirmed = await order('meridian', confirm, receivableId)
    await untilQuiet()
    const before = [await stateOf(intentId), await stateOf(confirmed)]
    expect(before.map(({ state }) => state)).toEqual(['mined', 'mined'])
    await loseBlocksSince(name)
    expect(await relayer.receiptsOf([before[0]!.hash])).toEqual([undefined])
    await untilQuiet()
    expect([await stateOf(intentId), await stateOf(confirmed)]).toEqual(before)
    for (const receipt of await relayer.receiptsOf(before.map(({ hash }) => hash)))
      expect(receipt?.hasPassed).toBe(true)
    await expectContiguous()
  })

  it('does nothing more while a block is late, and refuses nothing because of it', async () => {
    await askChain(chain.url, 'evm_setAutomine', [false])
    const { intentId, receivableId, confirm } = await register()
    const confirmed = await order('meridian', confirm, receivableId)
    try {
      while (await relay.turn());
      const { next } = await nonces()
      expect(await relay.turn()).toBe(false)
      expect((await stateOf(intentId)).state).toBe('sent')
      expect((await stateOf(confirmed)).state).toMatch(/^(recorded|sent)$/)
      expect((await nonces()).next).toBe(next)
    } finally {
      await askChain(chain.url, 'evm_setAutomine', [true])
      await askChain(chain.url, 'evm_mine')
    }
    await untilQuiet()
    expect([(await stateOf(intentId)).state, (await stateOf(confirmed)).state]).toEqual(['mined', 'mined'])
    await expectContiguous()
  })

  it('tells why a transaction failed behind another one of the same block', async () => {
    const { receivableId, confirm } = await register()
    await untilQuiet()
    await askChain(chain.url, 'evm_setAutomine', [false])
    const ids = []
    try {
      // One turn each: those that are looked at together are looked at one behind the other.
      for (let i = 0; i < 2; i++) {
        ids.push(await order('meridian', confirm, receivableId))
        while (await relay.turn());
      }
      expect(await Promise.all(ids.map(async (intentId) => (await stateOf(intentId)).state))).toEqual(['sent', 'sent'])
    } finally {
      await askChain(chain.url, 'evm_setAutomine', [true])
      await askChain(chain.url, 'evm_mine')
    }
    await untilQuiet()
    expect((await stateOf(ids[0]!)).state).toBe('mined')
    expect(await stateOf(ids[1]!)).toMatchObject({
      state: 'refused',
      refusal: { code: 'ReceivableTransitionForbidden' }
    })
    await expectContiguous()
  })

  it('sends what lies behind a row that has to wait, and refuses that one once all before it has ended', async () => {
    await askChain(chain.url, 'evm_setAutomine', [false])
    const first = await register()
    const strange = newTerms()
    const strangeId = receivableIdOf(strange.terms, strange.fingerprints)
    const hopeless = await order('meridian', { kind: 'confirm', ...strange }, strangeId)
    const last = await register()
    try {
      while (await relay.turn());
      expect((await stateOf(first.intentId)).state).toBe('sent')
      expect((await stateOf(hopeless)).state).toBe('recorded')
      expect((await stateOf(last.intentId)).state).toBe('sent')
      await askChain(chain.url, 'evm_mine')
      // Traffic behind it never stops: it must not keep the refusal waiting.
      const later = await register()
      while (await relay.turn());
      expect((await stateOf(later.intentId)).state).toBe('sent')
      expect((await stateOf(hopeless)).state).toBe('refused')
    } finally {
      await askChain(chain.url, 'evm_setAutomine', [true])
      await askChain(chain.url, 'evm_mine')
    }
    await untilQuiet()
    expect((await stateOf(last.intentId)).state).toBe('mined')
    await expectContiguous()
  })

  it('sends those together that build on each other, and not what excludes one before it', async () => {
    await askChain(chain.url, 'evm_setAutomine', [false])
    const { intentId, receivableId, confirm } = await register()
    const confirmed = await order('meridian', confirm, receivableId)
    const again = await order('meridian', confirm, receivableId)
    try {
      const before = await nonces()
      while (await relay.turn());
      expect((await nonces()).next).toBe(before.next + 2)
      const states = await Promise.all([intentId, confirmed, again].map(stateOf))
      expect(states.map(({ state }) => state)).toEqual(['sent', 'sent', 'recorded'])
    } finally {
      await askChain(chain.url, 'evm_setAutomine', [true])
      await askChain(chain.url, 'evm_mine')
    }
    await untilQuiet()
    expect((await stateOf(confirmed)).state).toBe('mined')
    expect(await stateOf(again)).toMatchObject({
      state: 'refused',
      refusal: { code: 'ReceivableTransitionForbidden' },
      hash: null
    })
    await expectContiguous()
  })

  it('goes on with a node that can not look at many calls at once', async () => {
    let asked = ''
    const node = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const body = Buffer.concat(chunks).toString()
      asked += body
      const headers = { 'content-type': 'application/json' }
      const known = body.replaceAll('eth_simulateV1', 'eth_unknown')
      response.end(await (await fetch(chain.url, { method: 'POST', headers, body: known })).text())
    })
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(node.address() as { port: number }).port}`
    const plain = new RelayerChain(url, deployment, keys.operator)
    const { intentId, receivableId, confirm } = await register()
    const confirmed = await order('meridian', confirm, receivableId)
    try {
      const slow = new Relay(pool, plain, 0)
      await vi.waitFor(async () => {
        await slow.turn()
        expect((await stateOf(confirmed)).state).toBe('mined')
      }, 10_000)
      expect(asked).toContain('eth_simulateV1')
      expect(asked).toContain('eth_estimateGas')
    } finally {
      plain.destroy()
      node.closeAllConnections()
      node.close()
    }
    expect((await stateOf(intentId)).state).toBe('mined')
    await expectContiguous()
  })

  it('gives each transaction gas enough though it does not estimate it', async () => {
    const orders = []
    for (let i = 0; i < 3; i++) orders.push(await register())
    const confirms = []
    for (const { receivableId, confirm } of orders) confirms.push(await order('meridian', confirm, receivableId))
    await untilQuiet()
    for (const intentId of [...orders.map((one) => one.intentId), ...confirms]) {
      const { state, hash, raw } = await stateOf(intentId)
      expect(state).toBe('mined')
      const receipt = (await askChain(chain.url, 'eth_getTransactionReceipt', [hash])) as { gasUsed: string }
      const gasUsed = BigInt(receipt.gasUsed)
      const { gasLimit } = Transaction.from(raw)
      expect(gasLimit).toBeGreaterThan((gasUsed * 4n) / 3n)
      expect(gasLimit).toBeLessThan(gasUsed * 2n + 100_000n)
    }
  })

  it('does not refuse for ever what only a chain with lost blocks refuses', async () => {
    const name = await snapshot()
    const { receivableId, confirm } = await register()
    await untilQuiet()
    const confirmed = await order('meridian', confirm, receivableId)
    await loseBlocksSince(name)
    const [row] = await nextQueued(pool, 1)
    const simulation = await relayer.simulate(row!.target, row!.data)
    if (simulation.kind !== 'reverts') throw new Error('the registration is lost, so its confirmation must be refused')
    const known = { sender: relayer.wallet.address, minedCount: await relayer.minedCount() }
    expect(await inTransaction(pool, (tx) => markRefused(tx, row!, simulation.refusal, known))).toBe(false)
    expect((await stateOf(confirmed)).state).toBe('recorded')
    await untilQuiet()
    expect((await stateOf(confirmed)).state).toBe('mined')
    await expectContiguous()
  })

  it('takes no nonce and changes nothing when another relayer has moved the row meanwhile', async () => {
    const { intentId } = await register()
    const [stale] = await nextQueued(pool, 1)
    await untilQuiet()
    const [after, before] = [await stateOf(intentId), await nonces()]
    const sender = relayer.wallet.address
    const second = inTransaction(pool, async (tx) => {
      const nonce = await takeNonces(tx, sender, 1)
      await markSent(tx, sender, [{ row: stale!, nonce, raw: '0x00', hash: id('another') }])
    })
    await expect(second).rejects.toThrow(OutboxRowMoved)
    const refusal = { name: 'NonceUsed', args: {} }
    const late = inTransaction(pool, (tx) => markRefused(tx, stale!, refusal, { sender, minedCount: before.mined }))
    await expect(late).rejects.toThrow(OutboxRowMoved)
    expect(await stateOf(intentId)).toEqual(after)
    expect(await nonces()).toEqual(before)
  })

  it('gives no transaction to a chain that has lost the contracts: it would succeed and do nothing', async () => {
    const { intentId } = await register()
    const [row] = await nextQueued(pool, 1)
    const lost = [row!.target, deployment.participants]
    const codes = await Promise.all(lost.map((address) => askChain(chain.url, 'eth_getCode', [address, 'latest'])))
    for (const address of lost) await askChain(chain.url, 'anvil_setCode', [address, '0x'])
    await expect(relay.turn()).rejects.toThrow(`no contract at ${row!.target}`)
    expect((await stateOf(intentId)).state).toBe('recorded')
    for (const [i, address] of lost.entries()) await askChain(chain.url, 'anvil_setCode', [address, codes[i]])
    await untilQuiet()
    expect((await stateOf(intentId)).state).toBe('mined')
    await expectContiguous()
  })

  it('lets a participant without an account wait, and holds up nobody else', async () => {
    const { receivableId, confirm } = await register()
    await untilQuiet()
    const stranded = await register()
    const alder = accounts.get(participantIdOf('alder'))!
    const code = await askChain(chain.url, 'eth_getCode', [alder, 'latest'])
    await askChain(chain.url, 'anvil_setCode', [alder, '0x'])
    const confirmed = await order('meridian', confirm, receivableId)
    const again = await order('meridian', confirm, receivableId)
    try {
      await vi.waitFor(async () => {
        await relay.turn()
        expect((await stateOf(confirmed)).state).toBe('mined')
        expect((await stateOf(again)).state).toBe('refused')
      }, 10_000)
      expect(await relay.turn()).toBe(false)
      expect((await stateOf(stranded.intentId)).state).toBe('recorded')
    } finally {
      await askChain(chain.url, 'anvil_setCode', [alder, code])
    }
    await untilQuiet()
    expect((await stateOf(stranded.intentId)).state).toBe('mined')
    await expectContiguous()
  })

  it('refuses nothing because of an error of the node', async () => {
    const { intentId } = await register()
    const node = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => {
        const { id: callId } = JSON.parse(chunk.toString()) as { id: number }
        response.end(
          JSON.stringify({ jsonrpc: '2.0', id: callId, error: { code: -32000, message: 'header not found' } })
        )
      })
    })
    await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(node.address() as { port: number }).port}`
    const confused = new RelayerChain(url, deployment, keys.operator)
    try {
      const [row] = await nextQueued(pool, 1)
      await expect(confused.simulate(row!.target, row!.data)).rejects.toThrow()
    } finally {
      confused.destroy()
      node.closeAllConnections()
      node.close()
    }
    await untilQuiet()
    expect((await stateOf(intentId)).state).toBe('mined')
  })

  it('ends an intent that failed in its block also when the node no longer has the state to tell why', async () => {
    const { intentId } = await register()
    const [row] = await nextQueued(pool, 1)
    await inTransaction(pool, async (tx) => {
      const sender = relayer.wallet.address
      const nonce = await takeNonces(tx, sender, 1)
      const signed = relayer.sign(row!.target, row!.data, nonce, 30_000n + 60_000n)
      await markSent(tx, sender, [{ row: row!, nonce, ...signed }])
    })
    const { raw, hash } = await stateOf(intentId)
    await relayer.broadcast([{ hash, raw }])
    await vi.waitFor(async () => expect((await relayer.receiptsOf([hash]))[0]?.hasPassed).toBe(false), 10_000)
    relayer.destroy()
    await chain.stop()
    chain = await startChain({ dir, port: chain.port })
    relayer = new RelayerChain(chain.url, deployment, keys.operator)
    relay = new Relay(pool, relayer, 0)
    await askChain(chain.url, 'evm_mine')
    await relay.turn()
    expect(await stateOf(intentId)).toMatchObject({ state: 'refused', refusal: { code: 'REVERTED_WHEN_MINED' } })
    await expectContiguous()
  })
})
