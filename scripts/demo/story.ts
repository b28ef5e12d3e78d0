import { setTimeout as delay } from 'node:timers/promises'
import { decimalFromMinor } from '../../domain/money/amount.ts'
import { receivableIdToHex } from '../../domain/note/span.ts'
import { cast } from '../world/cast.ts'
import { participantIdOf } from '../world/prepare.ts'
import { sendDirectly } from './direct.ts'
import { exportAndVerify } from './evidence.ts'
import { getQuotesAndAccept } from './factoring.ts'
import { done, inWords, type Play } from './play.ts'
import { invoiceOf, openStage, readStory, writeStory, type StoryState } from './stage.ts'

export interface StoryOptions {
  dataDir: string
  /** Told one line a step. */
  report: (line: string) => void
  /** Time from registration to maturity, seconds. The story waits for it: nothing turns the chain's clock. */
  tenor?: number
}

interface Uploaded {
  documentId: string
  identity: string[]
  fingerprint: string
  contentCommitment: string
  format: string
}

/**
 * From an e-invoice to a settled, verified receivable. Every command carries the same idempotency key at each try, so a
 * story that was cut off goes on where it stood.
 * @returns true when every step did what it should.
 */
export async function playStory(options: StoryOptions): Promise<boolean> {
  const stage = await openStage(options.dataDir)
  const state = await nextState(options)
  const play: Play = {
    ...stage,
    state,
    key: (name) => `demo-run-${state.run}/${name}`,
    step: async (who, what, work) => {
      const started = performance.now()
      const result = await work()
      const ms = String(Math.round(performance.now() - started)).padStart(6)
      options.report(
        `✓ ${who.padEnd(10)} ${what}${result.detail ? `: ${result.detail}` : ''}  ${result.tx ? `tx ${result.tx}  ` : ''}${ms} ms`
      )
      return result
    }
  }
  const receivableId = state.awaitsSettlement ?? (await playUntilMaturity(play))
  await settleAll(play, receivableId, options.report)
  await exportAndVerify(play, receivableId)
  await writeStory(options.dataDir, { ...state, isComplete: true })
  return true
}

/** What can only be done before maturity. Returns the receivable's id. */
async function playUntilMaturity(play: Play): Promise<string> {
  const receivableId = await registerAndConfirm(play)
  const noteIds = await splitOverTiers(play, receivableId)
  await financeOnce(play, noteIds.tormel)
  await refuseSecondFinancing(play, noteIds.tormel)
  await refuseSecondRegistration(play)
  await leaveOneOpen(play)
  await writeStory(play.dataDir, { ...play.state, awaitsSettlement: receivableId })
  return receivableId
}

/** Goes on with an unfinished run while its receivable can still move, or has only to be settled; else begins the next. */
async function nextState({ dataDir, report, tenor = 30 }: StoryOptions): Promise<StoryState> {
  const known = await readStory(dataDir)
  const now = Math.floor(Date.now() / 1000)
  if (known && !known.isComplete && (known.maturity > now + 2 || known.awaitsSettlement !== undefined)) {
    report(`run ${known.run} goes on`)
    return known
  }
  if (known && !known.isComplete) {
    report(`run ${known.run} matured while it was cut off: its notes stay as they were, a new run begins`)
  }
  const state = { run: (known?.run ?? 0) + 1, maturity: now + tenor, isComplete: false }
  await writeStory(dataDir, state)
  return state
}

function nameOf(participantId: number): string {
  return cast.find(({ slug }) => participantIdOf(slug) === participantId)?.slug ?? `participant ${participantId}`
}

async function upload(play: Play, slug: string, file: string): Promise<Uploaded> {
  return play.step(slug, `uploads ${file}`, async () => {
    const document = await play
      .as(slug)
      .post<Uploaded>('/v1/documents', play.key(`upload/${file}`), await invoiceOf(file, play.state.run))
    return { ...document, detail: `${document.format}, identity ${JSON.stringify(document.identity)}` }
  })
}

async function registerAndConfirm(play: Play): Promise<string> {
  const { documentId } = await upload(play, 'alder', 'alder-finch.ubl.xml')
  const registered = await play.step('alder', 'registers the receivable', async () => {
    const body = { documentId, maturity: play.state.maturity }
    return inWords(await play.as('alder').command('/v1/receivables', play.key('register'), body))
  })
  await play.step('meridian', 'confirms (maker and checker sign)', async () =>
    done(
      await play.as('meridian').command(`/v1/receivables/${registered.receivableId}/confirmation`, play.key('confirm'))
    )
  )
  return registered.receivableId!
}

interface Transfer {
  from: string
  to: string
  noteId: string
  amount: string
  tradeDocument: string
}

async function transferAndAccept(play: Play, transfer: Transfer): Promise<string> {
  const { from, to, noteId, amount, tradeDocument } = transfer
  const offer = await play.step(from, `offers a part to ${to}`, async () => {
    const body = { assignee: participantIdOf(to), amount, tradeDocument }
    return inWords(await play.as(from).command(`/v1/notes/${noteId}/transfers`, play.key(`transfer/${to}`), body))
  })
  await play.step(to, 'accepts', async () =>
    done(await play.as(to).command(`/v1/notes/${offer.noteId}/acceptance`, play.key(`accept/${to}`)))
  )
  return offer.noteId!
}

/** Amounts in cents: Alder keeps 60 000.00, Corvale 25 000.00, Tormel gets 15 000.00 of the 100 000.00. */
async function splitOverTiers(play: Play, receivableId: string): Promise<{ corvale: string; tormel: string }> {
  const root = `${receivableId}${'0'.repeat(16)}`
  const order = { from: 'alder', to: 'corvale', noteId: root, amount: '4000000', tradeDocument: 'Order CP-3318' }
  const corvale = await transferAndAccept(play, order)
  const next = {
    from: 'corvale',
    to: 'tormel',
    noteId: corvale,
    amount: '1500000',
    tradeDocument: 'Delivery note TF-90211'
  }
  return { corvale, tormel: await transferAndAccept(play, next) }
}

async function financeOnce(play: Play, noteId: string): Promise<void> {
  const price = { reserveBp: 0, annualRateBp: 0, dayCount: 'ACT/360', interestDue: 'maturity', fees: [] }
  await getQuotesAndAccept(play, {
    name: 'finance',
    holder: 'tormel',
    noteId,
    amount: '1500000',
    kind: 'assignment',
    maturity: play.state.maturity,
    offers: [
      { factor: 'lindqvist', price: { ...price, advanceBp: 9_740 } },
      { factor: 'huichuan', price: { ...price, advanceBp: 9_710 } }
    ],
    taken: 'lindqvist'
  })
  await play.step('lindqvist', 'has paid and finances', async () => {
    const body = { disbursement: 'SEPA LF-2026-118-1, 14 610.00 EUR' }
    return done(await play.as('lindqvist').command(`/v1/notes/${noteId}/financing`, play.key('finance'), body))
  })
}

/** Past our api: the contract itself is asked. */
async function refuseSecondFinancing(play: Play, noteId: string): Promise<void> {
  const id = BigInt(noteId)
  const deadline = play.state.maturity - 1
  const hash = `0x${'11'.repeat(32)}`
  const factor = participantIdOf('huichuan')
  const attempts = [
    {
      slug: 'huichuan',
      what: 'tries to finance the same note',
      command: { kind: 'finance', noteId: id, disbursement: hash }
    },
    {
      slug: 'tormel',
      what: 'tries to pledge it to huichuan as well',
      command: { kind: 'lock', noteId: id, amount: 1_500_000n, factor, deadline, purpose: 'pledge', quote: hash }
    }
  ] as const
  for (const { slug, what, command } of attempts) {
    await play.step(slug, what, async () => {
      const { signers } = play.keys.participants[slug]!
      const result = await sendDirectly(play.rpcUrl, play.deployment, await play.accountOf(slug), signers, command)
      if (!result.refusal) throw new Error('the contract let a note be financed twice')
      return {
        tx: result.txHash,
        detail: `refused by the contract, ${result.refusal.name} ${JSON.stringify(result.refusal.args)}`
      }
    })
  }
}

async function refuseSecondRegistration(play: Play): Promise<void> {
  const document = await upload(play, 'alder', 'alder-finch.cii.xml')
  const { documentId, fingerprint, contentCommitment } = document
  await play.step('alder', 'registers the same invoice in another format', async () => {
    const body = { documentId, maturity: play.state.maturity }
    const intent = await play.as('alder').command('/v1/receivables', play.key('register-again'), body)
    if (intent.state !== 'refused') throw new Error('the contract let an invoice be registered twice')
    return { detail: `refused by the contract, ${intent.refusal!.code}` }
  })
  await play.step('alder', 'tries it past the api', async () => {
    const terms = {
      creditor: participantIdOf('alder'),
      debtor: participantIdOf('meridian'),
      amount: 10_000_000n,
      currency: 978,
      maturity: play.state.maturity,
      contentCommitment
    }
    const { signers } = play.keys.participants['alder']!
    const command = { kind: 'register', terms, fingerprints: [fingerprint] } as const
    const result = await sendDirectly(play.rpcUrl, play.deployment, await play.accountOf('alder'), signers, command)
    if (result.refusal?.name !== 'FingerprintAlreadyClaimed')
      throw new Error(`unexpected: ${JSON.stringify(result.refusal)}`)
    const first = receivableIdToHex(BigInt(result.refusal.args['subject']!))
    return { tx: result.txHash, detail: `refused by the contract, claimed by ${first.slice(0, 14)}…` }
  })
}

/** A second line stays open, so that every list has something to show. */
async function leaveOneOpen(play: Play): Promise<void> {
  const { documentId } = await upload(play, 'hualing', 'hualing.einvoice.xml')
  const maturity = play.state.maturity + 120 * 24 * 3600
  const registered = await play.step('hualing', 'registers a receivable in yuan', async () =>
    done(await play.as('hualing').command('/v1/receivables', play.key('register-cny'), { documentId, maturity }))
  )
  await play.step('beichen', 'confirms (maker and checker sign)', async () =>
    done(
      await play
        .as('beichen')
        .command(`/v1/receivables/${registered.receivableId}/confirmation`, play.key('confirm-cny'))
    )
  )
  const root = `${registered.receivableId}${'0'.repeat(16)}`
  const order = {
    from: 'hualing',
    to: 'yunchuan',
    noteId: root,
    amount: '80000000',
    tradeDocument: '采购合同 YC-2026-057'
  }
  const accepted = await transferAndAccept(play, order)
  await pledge(play, root, maturity)
  await play.step('yunchuan', 'offers a part to qinghe, who has not answered yet', async () => {
    const body = { assignee: participantIdOf('qinghe'), amount: '25000000', tradeDocument: '送货单 QH-1180' }
    return inWords(
      await play.as('yunchuan').command(`/v1/notes/${accepted}/transfers`, play.key('transfer/qinghe'), body)
    )
  })
}

/** Hualing keeps the note and borrows on it. The quote with the lower rate is the dearer one. */
async function pledge(play: Play, noteId: string, maturity: number): Promise<void> {
  const price = { advanceBp: 9_600, reserveBp: 400, dayCount: 'ACT/360' }
  const locked = await getQuotesAndAccept(play, {
    name: 'pledge',
    holder: 'hualing',
    noteId,
    amount: '50000000',
    kind: 'pledge',
    maturity,
    offers: [
      { factor: 'huichuan', price: { ...price, annualRateBp: 520, interestDue: 'maturity', fees: [] } },
      {
        factor: 'lindqvist',
        price: {
          ...price,
          annualRateBp: 450,
          interestDue: 'funding',
          fees: [{ kind: 'share', bp: 60, due: 'funding' }]
        }
      }
    ],
    taken: 'huichuan'
  })
  await play.step('huichuan', 'has lent on it: the note is pledged', async () => {
    const body = { disbursement: '放款 HC-2026-031-1, 480 000.00 CNY' }
    return done(await play.as('huichuan').command(`/v1/notes/${locked.noteId}/financing`, play.key('lend'), body))
  })
}

async function settleAll(play: Play, receivableId: string, report: (line: string) => void): Promise<void> {
  const wait = play.state.maturity * 1000 - Date.now()
  if (wait > 0) {
    report(`… maturity in ${Math.ceil(wait / 1000)} s`)
    await delay(wait + 100)
  }
  interface Shown {
    receivable: { state: string; amount: string; settled: string }
    notes: { noteId: string; holder: number; amount: string }[]
  }
  const before = await play.as('meridian').get<Shown>(`/v1/receivables/${receivableId}`)
  for (const note of before.notes) {
    await play.step(
      'jiangan',
      `settles EUR ${decimalFromMinor(BigInt(note.amount), 'EUR')} to ${nameOf(note.holder)}`,
      async () => {
        const body = { payment: `Statement 2026-11, entry ${note.noteId.slice(-16)}` }
        return done(
          await play
            .as('jiangan')
            .command(`/v1/notes/${note.noteId}/settlement`, play.key(`settle/${note.noteId}`), body)
        )
      }
    )
  }
  await play.step('meridian', 'sees its debt discharged', async () => {
    const { receivable } = await play.as('meridian').get<Shown>(`/v1/receivables/${receivableId}`)
    if (receivable.state !== 'settled' || receivable.settled !== receivable.amount) {
      throw new Error(`the receivable is ${receivable.state}, ${receivable.settled} of ${receivable.amount}`)
    }
    const settled = decimalFromMinor(BigInt(receivable.settled), 'EUR')
    return { detail: `EUR ${settled} settled, all of it` }
  })
}
