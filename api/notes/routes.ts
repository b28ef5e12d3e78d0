import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Command } from '../../domain/intent/commands.ts'
import { cutNoteId, noteIdToHex, receivableIdOfNote, receivableIdToHex } from '../../domain/note/span.ts'
import { reassess, requireNoAlarm } from '../alarms/gate.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { ApiError } from '../errors.ts'
import { requireFreeTrade } from '../fingerprints/claims.ts'
import { createIntent } from '../intents/create.ts'
import type { IntentView } from '../intents/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { once } from '../plugins/idempotency.ts'
import { asOfReads, findNote, listNotes, type NoteView } from '../receivables/repository.ts'
import { NoteSchema, StoredNoteState } from '../receivables/schemas.ts'
import { AsOf, CommandHeaders, IntentSchema, NoteId, refusals, strict } from '../schemas.ts'
import { subjectOf, type Verb } from './verb.ts'
import { financingVerbs } from './verbs-financing.ts'
import { settlementVerbs } from './verbs-settlement.ts'
import { transferVerbs } from './verbs-transfer.ts'

const Params = Type.Object({ noteId: NoteId })
/** Every command about a note. */
const verbs: readonly Verb[] = [...transferVerbs, ...financingVerbs, ...settlementVerbs]

export function noteRoutes({ pool, config, vault, fingerprintKeys }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    for (const verb of verbs) {
      app.post(
        `/notes/:noteId/${verb.path}`,
        {
          schema: {
            operationId: verb.operationId,
            tags: ['note'],
            summary: verb.summary,
            params: Params,
            headers: CommandHeaders,
            ...(verb.body ? { body: verb.body } : {}),
            response: { ...refusals, 202: IntentSchema }
          }
        },
        async (request, reply) => {
          const { noteId } = request.params
          if (verb.isWatched) await reassess(pool, vault, receivableIdToHex(receivableIdOfNote(BigInt(noteId))))
          return (await once(pool, request, reply, async (tx) => ({
            status: 202,
            body: await propose(tx, noteId, request.caller, verb, request.body)
          }))) as IntentView
        }
      )
    }

    app.get(
      '/notes',
      {
        schema: {
          operationId: 'listNotes',
          tags: ['note'],
          summary: 'Notes by your part in them',
          querystring: Type.Object(
            {
              role: Type.Optional(Type.Enum(['holder', 'counterparty', 'assignor'])),
              state: Type.Optional(StoredNoteState),
              after: Type.Optional(NoteId),
              limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' }))
            },
            strict
          ),
          response: {
            ...refusals,
            200: Type.Object(
              { asOf: AsOf, items: Type.Array(NoteSchema), next: Type.Union([NoteId, Type.Null()]) },
              strict
            )
          }
        }
      },
      async (request) => {
        const { role = 'holder', limit: wanted = '50', ...rest } = request.query
        const limit = Math.min(Number(wanted), 200)
        const items = await listNotes(pool, request.caller, { ...rest, role, limit })
        return { asOf: await asOfReads(pool), items, next: items.length === limit ? items.at(-1)!.noteId : null }
      }
    )

    app.get(
      '/notes/:noteId',
      {
        schema: {
          operationId: 'getNote',
          tags: ['note'],
          summary: 'A note',
          params: Params,
          response: { ...refusals, 200: Type.Object({ asOf: AsOf, note: NoteSchema }, strict) }
        }
      },
      async (request) => {
        const note = await findNote(pool, request.params.noteId, request.caller)
        const block = await asOfReads(pool)
        if (!note) throw new ApiError('NOTE_NOT_FOUND', { presented: request.params.noteId })
        return { asOf: block, note }
      }
    )
  }

  async function propose(
    tx: Transaction,
    noteId: string,
    caller: Caller,
    verb: Verb,
    body: unknown
  ): Promise<IntentView> {
    const subject = await subjectOf(tx, noteId, caller, verb)
    if (verb.isWatched) {
      const { holder, counterparty } = subject.note
      await requireNoAlarm(tx, vault, caller, subject.note.receivableId, [
        holder,
        ...(counterparty ? [counterparty] : [])
      ])
    }
    const ordered = await verb.command(subject, body as never, tx, caller)
    const commands: [Command, ...Command[]] = Array.isArray(ordered) ? ordered : [ordered]
    for (const command of commands) {
      if (command.kind !== 'transfer' || command.purpose !== 'trade-transfer') continue
      await requireFreeTrade(tx, fingerprintKeys, command.tradeDocument)
    }
    return createIntent(tx, config.deployment, caller, {
      commands,
      receivableId: subject.note.receivableId,
      currency: subject.receivable.currency,
      noteId: concerned(commands[0], subject.note),
      request: (body ?? {}) as object
    })
  }
}

/** The note an intent is about: the piece, when the command cuts one off. */
function concerned(command: Command, note: NoteView): string {
  return 'amount' in command
    ? noteIdToHex(cutNoteId(BigInt(note.noteId), BigInt(note.end), command.amount))
    : note.noteId
}
