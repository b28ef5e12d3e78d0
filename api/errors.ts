/** Whether the same request can succeed later without a change. */
export type Retry = 'never' | 'later'

interface ErrorDefinition {
  status: number
  retry: Retry
  title: string
}

function define(status: number, title: string, retry: Retry = 'never'): ErrorDefinition {
  return { status, title, retry }
}

/**
 * Every refusal that the API can give. A client acts on `code`; titles are for people and may change.
 * `docs/ERRORS.md` lists them; a test compares the two.
 */
export const errors = {
  REQUEST_INVALID: define(400, 'The request does not match the schema'),
  JSON_MALFORMED: define(400, 'The body is not JSON'),
  IDEMPOTENCY_KEY_MISSING: define(400, 'Each command needs an Idempotency-Key header'),
  CREDENTIAL_MISSING: define(401, 'An API key or a session token is needed: Authorization: Bearer <it>'),
  CREDENTIAL_INVALID: define(401, 'The API key or token is not known, has ended or was taken back'),
  CREDENTIAL_RECOVERED: define(
    401,
    'The keys of your account were recovered, and whatever was made before has ended: log in with the new keys'
  ),
  LOGIN_REFUSED: define(401, 'The login does not hold: ask for a new challenge'),
  ROLE_MISSING: define(403, 'The participant lacks the role for this'),
  PERMISSION_MISSING: define(403, 'The credential is not good for this'),
  PARTICIPANT_SUSPENDED: define(403, 'The registrar has suspended you: you keep what you hold, and propose nothing'),
  MANAGED_KEY_NOT_YOURS: define(403, 'A key in custody signs for the session of its own user, and for nobody else'),
  LOGIN_TOO_OLD: define(403, 'The login is too long ago to sign with a key in custody: log in again'),
  ROUTE_UNKNOWN: define(404, 'There is no such route'),
  RECEIVABLE_NOT_FOUND: define(404, 'The receivable does not exist or is not visible to you'),
  NOTE_NOT_FOUND: define(404, 'The note does not exist or is not visible to you'),
  DOCUMENT_NOT_FOUND: define(404, 'The document does not exist or is not visible to you'),
  GRANT_NOT_FOUND: define(404, 'The document has no such grant'),
  READER_NOT_FOUND: define(404, 'No such reader was let in after the upload'),
  ALARM_NOT_FOUND: define(404, 'The alarm does not exist, is not in force or is not visible to you'),
  TRANSACTION_NOT_FOUND: define(404, 'The transaction does not exist or is not visible to you'),
  APPLICATION_NOT_FOUND: define(404, 'No application has that id and secret'),
  PARTICIPANT_NOT_FOUND: define(404, 'The directory has no such participant'),
  RECOVERY_NOT_FOUND: define(404, 'No other keys are proposed for the participant'),
  USER_NOT_FOUND: define(404, 'Your participant has no such user'),
  API_KEY_NOT_FOUND: define(404, 'Your participant has no such API key'),
  MANAGED_KEY_NOT_FOUND: define(404, 'Your participant has no such key in custody'),
  SSO_NOT_CONFIGURED: define(404, 'The participant has no single sign-on'),
  INTENT_NOT_FOUND: define(404, 'The intent does not exist or is not visible to you'),
  FUNDING_REQUEST_NOT_FOUND: define(404, 'The funding request does not exist or is not visible to you'),
  QUOTE_NOT_FOUND: define(404, 'The quote does not exist or is not visible to you'),
  PAYMENT_RUN_NOT_FOUND: define(404, 'The payment run does not exist or is not yours'),
  STATEMENT_NOT_FOUND: define(404, 'The bank statement does not exist or is not yours'),
  STATEMENT_ENTRY_NOT_FOUND: define(404, 'The entry does not exist or is of no statement of yours'),
  MATCH_NOT_FOUND: define(404, 'The match does not exist or is not yours'),
  EXCEPTION_NOT_FOUND: define(404, 'The exception does not exist or is not yours'),
  WEBHOOK_NOT_FOUND: define(404, 'You have no such endpoint'),
  METHOD_NOT_ALLOWED: define(405, 'The route does not take this method'),
  APPLICATION_STATE_WRONG: define(409, 'The application is decided, or its admission is under way'),
  SCREENING_OPEN: define(409, 'Screening is not clear: name the services despite which you admit'),
  IDENTIFIER_TAKEN: define(409, 'An identifier is that of a participant, or of one whose admission is under way'),
  PARTICIPANT_STATE_WRONG: define(409, 'The participant is not in a state for this'),
  PARTICIPANT_GOVERNED: define(409, 'Who runs the registry is for its governance, not for the registrar'),
  RECOVERY_STATE_WRONG: define(409, 'The proposed keys are not on chain, or their time is over'),
  RECOVERY_PENDING: define(409, 'The participant can still veto the proposed keys', 'later'),
  SESSION_MISSING: define(409, 'That is for sessions: an API key has no end of its own'),
  USER_EXISTS: define(409, 'A user of your participant has that identity'),
  USER_DUTY_MISSING: define(409, 'The user has not that duty, or is let in no more'),
  MANAGED_KEY_EXISTS: define(409, 'The user has a key in custody'),
  MANAGED_KEY_STATE_WRONG: define(409, 'The key in custody is not in a state for this'),
  MANAGED_KEY_NEEDED: define(409, 'Without the key the account could sign nothing: suspend it, or have it replaced'),
  MANAGED_KEY_NOT_SIGNER: define(409, 'The account does not hold the key in custody'),
  SIGNER_SAME_USER: define(409, 'Maker and checker are two people: the user has signed in the other duty'),
  READER_EXISTS: define(409, 'The participant has a key of this document; only its owner grants it anew'),
  ENCRYPTION_KEY_MISSING: define(409, 'You have no encryption key that a document could be sealed to'),
  IDENTITY_CONFLICT: define(409, 'A document of the same identity with other content is registered'),
  RECEIVABLE_STATE_WRONG: define(409, 'The receivable is not in a state for this'),
  NOTE_STATE_WRONG: define(409, 'The note is not in a state for this'),
  INTENT_STATE_WRONG: define(409, 'The intent takes no more signatures'),
  RECEIVABLE_DISPUTED: define(409, 'The receivable is disputed: no new transfer and no new lock'),
  RECEIVABLE_NOT_DISPUTED: define(409, 'The receivable is not disputed'),
  RECEIVABLE_NOT_MATURED: define(409, 'The receivable has not matured', 'later'),
  RECEIVABLE_NOTE_OPEN: define(409, 'A note of the receivable is neither settled nor cancelled'),
  RECEIVABLE_PARTY_WRONG: define(409, 'Another party has to do this'),
  NOTE_PARTY_WRONG: define(409, 'Another party has to do this'),
  NOTE_PURPOSE_WRONG: define(409, 'The note was offered or locked for another purpose'),
  NOTE_FROZEN: define(409, 'The note is frozen by order: nothing but settlement moves it'),
  NOTE_NOT_FROZEN: define(409, 'The note is not frozen'),
  NOTE_DEADLINE_PASSED: define(409, 'The time to act on the note is over'),
  NOTE_DEADLINE_PENDING: define(409, 'The counterparty can still act on the note', 'later'),
  NOTE_RECOURSE_MISSING: define(409, 'The note was taken without recourse'),
  NOTE_NOT_ASSIGNED: define(409, 'The note is still with its first creditor: there is no assignment to tell of'),
  NOTE_SOLD: define(409, 'Only what the creditor never sold can be diluted'),
  NOTES_UNLIKE: define(409, 'The two notes are not neighbours or differ in more than their spans'),
  NOTE_MATURED: define(409, 'The receivable has matured: its notes no longer move'),
  NOTE_NOT_MATURED: define(409, 'The receivable has not matured', 'later'),
  NOTE_PROMISED: define(409, 'The note is promised to a factor: a quote for it was accepted before'),
  FUNDING_REQUEST_STATE_WRONG: define(409, 'The funding request is not in a state for this'),
  FUNDING_PARTY_WRONG: define(409, 'Another party has to do this'),
  QUOTE_STATE_WRONG: define(409, 'The quote is not in a state for this'),
  QUOTE_NOT_SIGNED: define(409, 'The request takes signed quotes only, and the factor’s keys have not signed this one'),
  QUOTE_FIRM: define(409, 'The quote is firm: it stands until it expires'),
  QUOTES_TOO_MANY: define(409, 'You have given as many quotes for this request as may stand at a time'),
  LIMIT_EXHAUSTED: define(409, 'The factor has no room for this at the moment', 'later'),
  FINGERPRINT_CLAIMED: define(409, 'The document is claimed already'),
  FINGERPRINT_CLAIM_MISSING: define(409, 'You have no claim on the document'),
  FINGERPRINT_EPOCH_WRONG: define(422, 'The fingerprints are not those under the keys in force'),
  FINGERPRINTS_TOO_MANY: define(
    409,
    'The document has more fingerprints than a receivable can claim until a key is retired'
  ),
  LOG_HEAD_UNKNOWN: define(404, 'No head of that size was anchored'),
  LOG_LEAF_UNKNOWN: define(404, 'No leaf of the log has that hash'),
  EVIDENCE_PENDING: define(409, 'The newest evidence is not anchored yet', 'later'),
  BATCH_REFUSED: define(422, 'Some items of the batch can not go, so that none goes'),
  ALARM_OPEN: define(409, 'Alarms above your threshold wait for your decision'),
  PAYMENT_RUN_EMPTY: define(409, 'Nothing of this can be paid'),
  PAYMENT_RUN_STALE: define(409, 'Since the run was made a note was cut, paid or came to another payee'),
  PAYMENT_RUN_CANCELLED: define(409, 'The payment run was cancelled'),
  MATCH_STATE_WRONG: define(409, 'The match is not in a state for this'),
  MATCH_EXCEEDS_ENTRY: define(409, 'The entry has not so much left to pay with'),
  MATCH_EXCEEDS_NOTE: define(409, 'So much of the note is not open'),
  ENTRY_SETTLES_NOTHING: define(409, 'The entry is of a kind that settles nothing'),
  CURRENCY_MISMATCH: define(409, 'Entry and note are in different currencies'),
  SETTLEMENT_EMPTY: define(409, 'No accepted match waits for its settlement'),
  SETTLEMENT_PAYEE_CHANGED: define(409, 'The note has another payee now than the entry paid'),
  EXCEPTION_CLOSED: define(409, 'The exception is closed already'),
  WEBHOOKS_TOO_MANY: define(409, 'You have as many endpoints as allowed'),
  POSITION_UNKNOWN: define(410, 'The feed has no such position: read from the start, or from now on'),
  BODY_TOO_LARGE: define(413, 'The body is larger than allowed'),
  MEDIA_TYPE_UNSUPPORTED: define(415, 'The media type is not read here'),
  IDEMPOTENCY_KEY_REUSED: define(409, 'The Idempotency-Key was used for another request'),
  DOCUMENT_REFUSED: define(422, 'The document can not be read safely'),
  DOCUMENT_TOO_SLOW: define(422, 'The document takes longer to read than allowed'),
  DOCUMENT_TOO_HEAVY: define(422, 'The document takes more memory to read than allowed'),
  DOCUMENT_NOT_RECEIVABLE: define(422, 'The document gives its seller no claim: its effective sign is a credit'),
  STATEMENT_ACCOUNT_MISSING: define(422, 'The statement does not say of which account it is'),
  STATEMENT_TOO_LONG: define(422, 'The file has more entries than are taken at once'),
  ACCOUNT_INVALID: define(422, 'The account is not in a form that an order can name'),
  DAY_INVALID: define(422, 'The day is none of the calendar, or the days are too far apart'),
  SELLER_UNKNOWN: define(422, 'No participant has the identifiers of the seller'),
  SELLER_CONTRADICTORY: define(422, 'The identifiers of the seller are not those of one participant'),
  SELLER_MISMATCH: define(422, 'The seller of the document is another participant'),
  BUYER_UNKNOWN: define(422, 'No participant has the identifiers of the buyer: name the debtor'),
  BUYER_CONTRADICTORY: define(422, 'The identifiers of the buyer are not those of one participant'),
  DEBTOR_MISMATCH: define(422, 'The buyer of the document is another participant than the debtor'),
  PARTICIPANT_UNKNOWN: define(422, 'There is no such participant'),
  AMOUNT_INVALID: define(422, 'The amount is zero, negative or beyond the span'),
  MATURITY_MISSING: define(422, 'The document has no due date: give the maturity'),
  MATURITY_INVALID: define(422, 'The maturity is not within the allowed tenor'),
  DEADLINE_INVALID: define(422, 'The deadline is past or not before maturity'),
  FUNDING_TERMS_INVALID: define(422, 'The terms are impossible, or no answer to the request'),
  FREEZE_INVALID: define(422, 'The end of the freeze is past or more than three years away'),
  ORDER_MISSING: define(422, 'An authority names its order: the court and the digest of the file'),
  ORDER_UNKNOWN: define(422, 'You have brought no order with that digest'),
  NOTICE_REFUSED: define(422, 'A name or number is too long for the notice, which cuts nothing'),
  WEBHOOK_URL_REFUSED: define(422, 'Nothing is delivered to such a URL'),
  APPLICATION_INVALID: define(422, 'The application can not be of a firm, or its keys can not sign'),
  KEYS_INVALID: define(422, 'The keys can not be those of an account'),
  CERTIFICATE_REFUSED: define(422, 'The certificate is not of this key and firm, or not of a known authority'),
  SIGNATURE_INVALID: define(422, 'The signature does not verify over the digest'),
  SIGNER_UNKNOWN: define(422, 'The signer is not one of the account'),
  CHECKS_TOO_MANY: define(429, 'You have asked about too many documents within the hour', 'later'),
  STREAMS_TOO_MANY: define(429, 'Too many streams are open: close one', 'later'),
  RATE_LIMITED: define(429, 'More requests than agreed', 'later'),
  INTERNAL: define(500, 'The registry failed', 'later'),
  SERVER_BUSY: define(503, 'The service has more to do than it can take on', 'later'),
  SSO_UNAVAILABLE: define(503, 'The identity provider does not answer as it should', 'later'),
  CHAIN_UNAVAILABLE: define(503, 'The chain does not answer', 'later'),
  MANAGED_KEY_LOCKED: define(503, 'The service has not the key that the key in custody is sealed under', 'later'),
  DATABASE_UNAVAILABLE: define(503, 'The database does not answer', 'later'),
  PROJECTION_BEHIND: define(503, 'Nothing is projected yet', 'later')
} as const satisfies Record<string, ErrorDefinition>

export type ErrorCode = keyof typeof errors

export interface ErrorDetails {
  field?: string
  presented?: unknown
  required?: unknown
  reason?: string
}

/** A refusal with a stable code; becomes RFC 9457 problem details on HTTP. */
export class ApiError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(errors[code].title)
    this.code = code
    this.details = details
  }
}
