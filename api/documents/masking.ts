/** What of a document is shown to whom: whole to who has its file, to others what everybody in the debt knows, and what its owner grants. */
import { Type, type Static } from 'typebox'
import { asService, type Pool, type Transaction } from '../database.ts'
import type { Caller } from '../plugins/auth.ts'
import { ReceivableId, strict, Uuid } from '../schemas.ts'
import type { Vault } from '../vault.ts'
import { openInvoice, type InvoiceJson } from './repository.ts'

/**
 * Parts of an invoice that are masked until granted: its numbers and those of invoices before it, orders and contracts, identifiers of
 * seller and buyer, who is to be paid, and the files within.
 */
export const sections = ['numbers', 'references', 'parties', 'payee', 'attachments'] as const
export type Section = (typeof sections)[number]
export const SectionSchema = Type.Enum([...sections])

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const Name = OrNull(Type.String())
const Texts = Type.Array(Type.String())

export const DocumentViewSchema = Type.Object(
  {
    documentId: Uuid,
    format: Type.String(),
    class: Type.Enum(['R', 'C']),
    issueDate: Name,
    dueDate: Name,
    currency: Type.String(),
    payable: Type.String(),
    gross: Name,
    seller: Name,
    buyer: Name,
    receivableId: OrNull(ReceivableId),
    masked: Type.Array(SectionSchema, { description: 'What is not shown to you; its owner can grant it' }),
    numbers: OrNull(Type.Object({ number: Type.String(), invoiceCode: Name, preceding: Texts }, strict)),
    references: OrNull(Type.Object({ orders: Texts, contracts: Texts }, strict)),
    parties: OrNull(Type.Object({ seller: Type.Any(), buyer: Type.Any() }, strict)),
    payee: Type.Any({ description: 'Whom the invoice says to pay; null also when it says nothing' }),
    attachments: OrNull(Type.Array(Type.Any()))
  },
  strict
)
export type DocumentView = Static<typeof DocumentViewSchema>

interface Row {
  documentId: string
  format: string
  fields: Buffer
  receivableId: string | null
  isWhole: boolean
  granted: Section[]
}

/** In seconds, what a grant has to be beyond. */
const now = (): number => Math.floor(Date.now() / 1000)

const columns = `d.document_id as "documentId", d.format, d.fields,
  (select max(r.receivable_id) from projection.receivable r
    where r.content_commitment = d.content_commitment and r.state not in ('rejected', 'withdrawn')) as "receivableId",
  $1::boolean or d.participant_id = $2
    or exists (select from app.document_key k
                where k.document_id = d.document_id and k.participant_id = $2 and k.withdrawn_at is null) as "isWhole",
  array(select distinct unnest(g.sections) from app.document_grant g
         where g.document_id = d.document_id and g.granted_to = $2 and g.withdrawn_at is null
           and (g.ends_at is null or g.ends_at > $3)) as granted`

/** A party of what the document founded sees it, masked; so does whom something of it was granted to. */
const isShown = `(s."isWhole" or cardinality(s.granted) > 0 or exists (
  select from projection.receivable r join projection.receivable_party v using (receivable_id)
   where r.content_commitment = s.content_commitment and v.participant_id = $2))`

/** A document as far as the caller may see it; undefined: not at all. */
export async function viewOf(
  client: Pool | Transaction,
  vault: Vault,
  documentId: string,
  caller: Caller
): Promise<DocumentView | undefined> {
  return (await views(client, vault, caller, 'document-view.one', 'd.document_id = $4', documentId))[0]
}

/** Those that a receivable stands on. The caller has checked that the receivable is visible. */
export function viewsBehind(
  client: Pool | Transaction,
  vault: Vault,
  receivableId: string,
  caller: Caller
): Promise<DocumentView[]> {
  const isBehind = `d.content_commitment = (select content_commitment from projection.receivable where receivable_id = $4)`
  return views(client, vault, caller, 'document-view.behind', isBehind, receivableId)
}

async function views(
  client: Pool | Transaction,
  vault: Vault,
  { participantId, roles }: Caller,
  name: string,
  condition: string,
  value: string
): Promise<DocumentView[]> {
  const text = `select s.* from (select ${columns}, d.content_commitment from app.document d where ${condition}) s where ${isShown}
                 order by s."documentId"`
  const values = [roles.includes('regulator'), participantId, now(), value]
  // Parties see no row of the document itself: what is shown of it is decided here.
  const { rows } = await asService(client, (service) => service.query<Row>({ name, text, values }))
  return rows.map(({ documentId, format, fields, receivableId, isWhole, granted }) => {
    const invoice = openInvoice(vault, documentId, fields)
    return { documentId, format, receivableId, ...shownOf(invoice, isWhole ? sections : granted) }
  })
}

/** What is left of an invoice when only these sections are open. */
export function shownOf(
  invoice: InvoiceJson,
  open: readonly Section[]
): Omit<DocumentView, 'documentId' | 'format' | 'receivableId'> {
  const { number, invoiceCode = null, preceding, orders = [], contracts = [], seller, buyer, payee } = invoice
  const { class: sign, issueDate, dueDate, currency, payable, gross, attachments = [] } = invoice
  const ifOpen = <T>(section: Section, value: T): T | null => (open.includes(section) ? value : null)
  return {
    class: sign,
    issueDate,
    dueDate,
    currency,
    payable,
    gross,
    seller: nameOf(seller),
    buyer: nameOf(buyer),
    masked: sections.filter((section) => !open.includes(section)),
    numbers: ifOpen('numbers', { number, invoiceCode, preceding: [...preceding] }),
    references: ifOpen('references', { orders: [...orders], contracts: [...contracts] }),
    parties: ifOpen('parties', { seller, buyer }),
    payee: ifOpen('payee', payee),
    attachments: ifOpen('attachments', [...attachments])
  }
}

function nameOf(party: object): string | null {
  return (party as { name?: string }).name ?? null
}
