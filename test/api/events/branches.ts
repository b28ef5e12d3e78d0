import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { decodeNoteHex } from '../../../domain/note/note-word.ts'
import { participantIdOf } from '../../../scripts/world/prepare.ts'
import { until } from '../instance.ts'
import { Receiver } from './receiver.ts'
import { tally } from './shared.ts'
import { readAll, readerOf, stream } from './streams.ts'
import { toldSql, visibleTo, type Told } from './visible.ts'

type View = Told & { id: string }

/** Who looks at the receivable, in all four ways. */
const watchers = ['alder', 'meridian', 'corvale', 'tormel', 'hualing', 'lindqvist', 'qinghe', 'jiangan', 'regulator']

const place = ({ block, logIndex }: Pick<Told, 'block' | 'logIndex'>) => `${block} ${logIndex}`

/** Everybody whom these events name, and the notes that they are about. */
function namedIn(events: readonly Told[]): { parties: Set<number>; notes: Set<string> } {
  const about = events.filter(({ args }) => typeof args['note'] === 'string')
  const parties = about.flatMap(({ args }) => {
    const { holder, counterparty, assignor } = decodeNoteHex(args['note'] as string)
    return [holder, counterparty, assignor]
  })
  return { parties: new Set(parties), notes: new Set(about.map(({ args }) => args['noteId'] as string)) }
}

export function branchTests(): void {
  describe('two branches of a receivable', () => {
    it('are each told to its own parties by stream, page, webhook and export, and both to debtor and creditor', async () => {
      const before = (await readAll('regulator')).at(-1)!.id
      const watched = await Promise.all(
        watchers.map(async (slug) => {
          const receiver = await Receiver.start()
          const { status, body } = await tally().call('/v1/webhooks', { as: slug, body: { url: receiver.url } })
          expect(status).toBe(201)
          return { slug, live: await stream(slug), receiver, secret: body['secret'] as string }
        })
      )

      const { receivableId, rootNote } = await tally().confirmed()
      const give = async (from: string, noteId: string, slug: string, amount: string): Promise<string> => {
        const body = { assignee: participantIdOf(slug), amount, tradeDocument: `Order of ${slug}` }
        const piece = (await tally().done(from, `/v1/notes/${noteId}/transfers`, body)).noteId!
        await tally().done(slug, `/v1/notes/${piece}/acceptance`)
        return piece
      }
      const first = await give('alder', rootNote, 'corvale', '1000')
      const second = await give('alder', rootNote, 'hualing', '500')
      const below = await give('corvale', first, 'tormel', '300')
      const lock = { factor: participantIdOf('lindqvist'), amount: '200', purpose: 'assignment', quote: 'Quote' }
      const financed = (await tally().done('hualing', `/v1/notes/${second}/locks`, lock)).noteId!
      await tally().done('lindqvist', `/v1/notes/${financed}/financing`, { disbursement: 'SEPA 7' })

      const { rows } = await tally().sql.query<Told>(toldSql)
      for (const { slug, live, receiver, secret } of watched) {
        const wanted = visibleTo(rows, readerOf(slug), 'then').filter((event) => event.receivableId === receivableId)
        const own = (events: readonly View[]) =>
          events.filter((event) => event.receivableId === receivableId).map(place)
        const paged = (await readAll(slug, 500, before)) as unknown as View[]
        expect(own(paged), `page of ${slug}`).toEqual(wanted.map(place))
        const streamed = () => live.events.map(({ data }) => data as unknown as View)
        await until(() => own(streamed()).length >= wanted.length)
        expect(own(streamed()), `stream of ${slug}`).toEqual(wanted.map(place))
        const peer = new Webhook(secret)
        // What was answered too late comes again, under the same id.
        const delivered = () =>
          [...new Map(receiver.received.map((one) => [one.id, one])).values()].map(
            ({ body, headers }) => (peer.verify(body, headers as Record<string, string>) as { data: View }).data
          )
        await until(() => own(delivered()).length >= wanted.length)
        expect(own(delivered()), `webhook of ${slug}`).toEqual(wanted.map(place))
        const exported = (await linesOf('events', slug)) as unknown as View[]
        const known = visibleTo(rows, readerOf(slug), 'now').filter((event) => event.receivableId === receivableId)
        expect(own(exported), `export of ${slug}`).toEqual(known.map(place))
        live.close()

        // By hand, whatever rule stands behind it.
        const told = [...paged, ...streamed(), ...delivered(), ...exported].filter(
          (event) => event.receivableId === receivableId
        )
        const { parties, notes } = namedIn(told)
        const { told: toldOf, sees, strangers } = shownTo[slug] ?? everybody
        const idOf = { root: rootNote, first, below, second, financed }
        expect(notes, slug).toEqual(new Set(toldOf.map((name) => idOf[name])))
        for (const stranger of strangers) expect(parties, slug).not.toContain(participantIdOf(stranger))
        const listed = (await linesOf('notes', slug)).filter((line) => line['receivableId'] === receivableId)
        expect(new Set(listed.map((line) => line['noteId'])), slug).toEqual(new Set(sees.map((name) => idOf[name])))
        for (const [name, noteId] of Object.entries(idOf)) {
          const { body } = await tally().call(`/v1/search?q=${noteId}`, { as: slug })
          const isFound = (body['items'] as unknown[]).length > 0
          // Clearing agents find what they were given the id of.
          expect(isFound, `${slug} searches ${name}`).toBe(slug !== 'jiangan' && sees.includes(name as NoteName))
        }
      }
      await tally().sql.query(`update app.webhook_endpoint set state = 'disabled', reason = 'the test is over'`)
      for (const { receiver } of watched) receiver.stop()
      expect(tally().troubles()).toEqual([])
    }, 120_000)

    it('are read on the record by regulators and clearing agents, who read others’ data, and by nobody else', async () => {
      for (const slug of ['jiangan', 'regulator', 'meridian']) {
        const count = async () => {
          const { rows } = await tally().sql.query<{ count: number }>(
            `select count(*)::int as count from app.audit_record where operation = 'listEvents' and participant_id = $1 and status = 200`,
            [participantIdOf(slug)]
          )
          return rows[0]!.count
        }
        const before = await count()
        const live = await stream(slug)
        expect(live.status).toBe(200)
        await tally().call('/v1/events?after=now', { as: slug })
        expect((await count()) - before, slug).toBe(slug === 'meridian' ? 0 : 2)
        live.close()
      }
    })
  })
}

type NoteName = 'root' | 'first' | 'below' | 'second' | 'financed'

/** Of which notes each is told, which of them it sees as they are now, and whom it does not hear of. */
interface Shown {
  told: NoteName[]
  sees: NoteName[]
  strangers: string[]
}

/** The root note has no event of its own. */
const everybody: Shown = {
  told: ['first', 'below', 'second', 'financed'],
  sees: ['root', 'first', 'below', 'second', 'financed'],
  strangers: []
}
const shownTo: Record<string, Shown> = {
  corvale: { told: ['first', 'below'], sees: ['first', 'below'], strangers: ['hualing', 'lindqvist'] },
  // In its export also how what it has part of came about.
  tormel: { told: ['first', 'below'], sees: ['below'], strangers: ['hualing', 'lindqvist'] },
  hualing: { told: ['second', 'financed'], sees: ['second', 'financed'], strangers: ['corvale', 'tormel'] },
  lindqvist: { told: ['second', 'financed'], sees: ['financed'], strangers: ['corvale', 'tormel'] },
  qinghe: { told: [], sees: [], strangers: ['alder', 'corvale', 'tormel', 'hualing', 'lindqvist'] }
}

async function linesOf(dataset: 'notes' | 'events', slug: string): Promise<Record<string, unknown>[]> {
  const { text, status } = await tally().call(`/v1/exports/${dataset}?format=ndjson`, { as: slug })
  expect(status).toBe(200)
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
