/** What the published description (docs/openapi.json) says beside the routes' own schemas. `npm run lint` holds it against a strict linter. */
import { errors, type ErrorCode } from './errors.ts'

/** As much of an OpenAPI document as is completed here. */
interface Document {
  paths?: Record<string, Record<string, Operation>>
  components?: object
}

interface Operation {
  parameters?: { name: string; description?: string }[]
  responses?: Record<string, { $ref: string } | Response>
}

interface Response {
  description: string
  content?: object
}

const tags: Record<string, string> = {
  access: 'Users, API keys, keys in custody and the audit log of your participant',
  alarm: 'Near-duplicates that wait for a decision',
  application: 'Asking to be admitted',
  certificate: 'Signed statements about fingerprints, notes and payees',
  claim: 'Fingerprints of what was financed elsewhere',
  document: 'Files: read, sealed, and who may see what of them',
  event: 'What happened, as a page or a stream',
  evidence: 'The log, proofs from it, and packages for the offline verifier',
  factoring: 'Funding requests, quotes, limits and the book of a factor',
  intent: 'Commands that wait for signatures, and their fate',
  note: 'Notes: spans of receivables, and what is done with them',
  operation: 'Health of the service',
  participant: 'The directory',
  position: 'What you owe, hold and may finance',
  receivable: 'Receivables from registration to settlement',
  registrar: 'Applications, standings and recovery of keys, for the registrar',
  regulator: 'Search, orders, exports and statistics',
  session: 'Logging in and out',
  settlement: 'Maturities, payment runs, statements, matches and the books of a day',
  webhook: 'Endpoints that events are delivered to'
}

/** Parameters that do not say themselves what they are. */
const parameters: Record<string, string> = {
  after: 'Go on after this one: `next` of the page before',
  alarmId: 'The alarm',
  applicationId: 'The application',
  'application-secret': 'As given when you applied',
  as: 'In whose part',
  before: 'Go on before this one: `next` of the page before',
  dataset: 'Which rows',
  digest: 'SHA-256 or SM3 of a file, or a leaf hash',
  documentId: 'The document',
  endpointId: 'The endpoint',
  entryId: 'Of this entry only',
  exceptionId: 'The exception',
  finding: 'With this finding only',
  format: 'Form of the answer',
  from: 'Size of the smaller head',
  grantId: 'The grant',
  hash: 'Hash of the leaf',
  'idempotency-key':
    'Yours, 8 to 255 visible ASCII characters: a repeated request with it gets the answer of the first',
  intentId: 'The intent',
  keyId: 'The API key',
  limit: 'Most items of a page',
  managedKeyId: 'The key in custody',
  matchId: 'The match',
  orderId: 'The order',
  participantId: 'The participant',
  q: 'What to look for',
  quoteId: 'The quote',
  requestId: 'The funding request',
  role: 'By your part',
  runId: 'The payment run',
  since: 'Size of an anchored head that you keep',
  size: 'Size of the head',
  state: 'In this state only',
  statementId: 'The statement',
  to: 'Size of the larger head',
  txHash: 'The transaction',
  userId: 'The user'
}

const successes: Record<string, string> = {
  200: 'The answer',
  201: 'Made, and as it is now',
  202: 'Recorded as an intent, which is yours to sign',
  204: 'Done'
}

/** Makes of what the routes say one description: nothing is left out that a strict reader asks for. */
export function completed(document: Document): object {
  const refused = refusedByStatus()
  const used = new Set<string>()
  for (const operations of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(operations)) {
      for (const parameter of operation.parameters ?? []) {
        parameter.description ??= parameters[parameter.name] ?? ''
      }
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        if (Number(status) >= 400) {
          operation.responses![status] = { $ref: `#/components/responses/Refused${status}` }
          used.add(status)
        } else if ('description' in response && response.description === 'Default Response') {
          response.description = successes[status] ?? ''
        }
      }
    }
  }
  const responses = Object.fromEntries([...used].sort().map((status) => [`Refused${status}`, refused[status]!]))
  return {
    ...document,
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    components: { ...document.components, responses }
  }
}

/** Each status with the codes that it can have. */
function refusedByStatus(): Record<string, Response> {
  const codes: Record<string, string[]> = {}
  for (const code of Object.keys(errors) as ErrorCode[]) (codes[errors[code].status] ??= []).push(code)
  return Object.fromEntries(
    Object.entries(codes).map(([status, of]) => [
      status,
      {
        description: `Refused, with one of the codes ${of.join(', ')}`,
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
      }
    ])
  )
}
