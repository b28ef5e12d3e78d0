/** What a registration is asked for with: a document, or the fields of an invoice that there is no file of. */
import { Type, type Static } from 'typebox'
import { invoiceOfFields } from '../../domain/documents/invoice-fields.ts'
import type { Services } from '../app.ts'
import type { Transaction } from '../database.ts'
import { refusing, store } from '../documents/store.ts'
import { ApiError } from '../errors.ts'
import { firmsOf } from '../participants/repository.ts'
import type { Caller } from '../plugins/auth.ts'
import { Amount, ParticipantId, strict, Text, UnixSeconds, Uuid } from '../schemas.ts'

const Day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'YYYY-MM-DD' })
const Numbers = Type.Array({ ...Text, maxLength: 200 }, { maxItems: 20 })

const FieldsSchema = Type.Object(
  {
    number: { ...Text, maxLength: 200 },
    invoiceCode: Type.Optional(Type.String({ pattern: '^[0-9]{10,12}$', description: '发票代码' })),
    issueDate: Day,
    dueDate: Type.Optional(Day),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 letters' }),
    payable: Amount,
    gross: Type.Optional(Amount),
    preceding: Type.Optional(Numbers),
    orders: Type.Optional(Numbers),
    contracts: Type.Optional(Numbers)
  },
  {
    ...strict,
    description:
      'In place of a document, of an invoice that you have no file of: the registry makes a document of the fields, sealed as an upload is, ' +
      'whose fingerprints are those of the invoice’s file'
  }
)

export const RegisterBody = Type.Object(
  {
    documentId: Type.Optional({ ...Uuid, description: 'A document of yours; else `invoice`' }),
    invoice: Type.Optional(FieldsSchema),
    debtor: Type.Optional({ ...ParticipantId, description: 'The buyer: needed with `invoice`' }),
    maturity: Type.Optional(UnixSeconds)
  },
  strict
)

/** The document to register: the one named, or one that is made of the fields of the invoice. */
export async function documentOf(
  tx: Transaction,
  services: Services,
  caller: Caller,
  { documentId, invoice, debtor }: Static<typeof RegisterBody>
): Promise<string> {
  if ((documentId === undefined) === (invoice === undefined)) {
    throw new ApiError('REQUEST_INVALID', { field: 'body/documentId', required: 'either documentId or invoice' })
  }
  if (documentId !== undefined) return documentId
  if (debtor === undefined) throw new ApiError('REQUEST_INVALID', { field: 'body/debtor', required: 'the buyer' })
  const firms = await firmsOf(tx, [caller.participantId, debtor])
  const [seller, buyer] = [firms.get(caller.participantId), firms.get(debtor)]
  if (!seller || !buyer) throw new ApiError('PARTICIPANT_UNKNOWN', { field: 'body/debtor', presented: debtor })
  const made = refusing(() => invoiceOfFields(invoice!, seller, buyer))
  const { body } = await store(tx, services, caller, { ...made, debtor, mediaType: 'application/json' })
  return body.documentId
}
