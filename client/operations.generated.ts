// Generated from docs/openapi.json by `npm run generate`. Do not edit.
import type { ExecuteTypedData } from '../domain/intent/typed-data.ts'

export type ApplicationReview = { applicationId: string; state: 'submitted' | 'accepted' | 'refused' | 'admitted'; participantId: number | null; submittedAt: string; decidedAt: string | null; decidedBy: string | null; reason: string | null; name: string; country: string; roles: string[]; identifiers: string[]; signers: { signer: string; duty: 'maker' | 'checker' }[]; quorum: { makers: number; checkers: number }; encryptionKey: string; certificates: { subject: string; organizationIdentifier: string | null; notAfter: string; isOfItsKeys: boolean }[]; checks: { check: 'form' | 'identifiers-free' | 'certificates' | 'screening'; outcome: 'passed' | 'failed' | 'hit' | 'not-screened' | 'none'; service: string | null; detail: string | null; at: string | null }[]; intentId: string | null }

export type Intent = { intentId: string; kind: string; state: 'awaiting-signatures' | 'recorded' | 'sent' | 'mined' | 'projected' | 'refused'; participantId: number; words: { en: string; zh: string }; typedData: ExecuteTypedData; digest: string; deadline: number; signersRequired: { makers: number; checkers: number }; signatures: string[]; receivableId: string | null; noteId: string | null; refusal: null | { code: string; args: Record<string, string> }; txHash: string | null; blockNumber: number | null; createdAt: string }

export type Participant = { participantId: number; account: string; name: string; country: string; roles: string[]; state: 'active' | 'suspended'; encryptionKey: string | null; certificates: { use: 'signature' | 'encryption'; pem: string }[] }

export type Recovery = { intentId: string; participantId: number; state: 'proposed' | 'pending' | 'finished' | 'vetoed' | 'cancelled' | 'lapsed'; signers: { signer: string; duty: 'maker' | 'checker' }[]; quorum: { makers: number; checkers: number }; readyAt: number | null; lastAt: number | null; isFinishable: boolean; words: { en: string; zh: string }; reason: string; proposedAt: string; endedAt: string | null }

export type Standing = { participantId: number; account: string; name: string; country: string; roles: string[]; state: 'active' | 'suspended'; isGoverned: boolean; identifiers: string[]; signers: { signer: string; duty: 'maker' | 'checker' }[]; quorum: { makers: number; checkers: number }; recovery: Recovery | null }

export type ReadDocument = { documentId: string; format: string; sha256: string; sm3: string; invoice: unknown; identity: string[]; identities: string[][]; fingerprint: string; fingerprints: string[]; contentCommitment: string; receivableId: string | null; identifierFaults: { field: string; code: string; presented: string }[]; alarms: { alarmId: number; rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number }[] }

export type Receivable = { receivableId: string; registry: number; creditor: number; debtor: number; amount: string; settled: string; cancelled: string; currency: number; maturity: number; contentCommitment: string; fingerprints: string[]; state: 'registered' | 'confirmed' | 'rejected' | 'withdrawn' | 'settled'; isDisputed: boolean; registeredAt: number; confirmedAt: number | null; changedAt: number; changedTx: string }

export type Note = { noteId: string; receivableId: string; registry: number; start: string; end: string; amount: string; holder: number; counterparty: number | null; assignor: number | null; deadline: number | null; frozenUntil: number | null; freezeEscrow: number | null; freezeAuthority: number | null; freezeOrder: { reference: string; court: string; document: string } | null; tier: number; state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; purpose: 'none' | 'transfer' | 'trade-transfer' | 'dilution' | 'return' | 'assignment' | 'recourse-assignment' | 'pledge'; hasRecourse: boolean; tradeFingerprint: string | null; isFinanced: boolean; payee: number | null; changedAt: number; changedTx: string }

export type Alarm = { alarmId: number; rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number; words: { en: string; zh: string }; shared: ('number' | 'buyer' | 'currency' | 'gross' | 'issueDate' | 'reference' | 'file' | 'attachment')[]; documents: { documentId: string | null; class: 'R' | 'C'; number: string; issueDate: string | null; currency: string | null; gross: string | null; receivableId: string | null; registeredAt: number | null }[]; state: 'open' | 'accepted' | 'rejected'; reason: string | null; decidedAt: string | null; threshold: number; stops: boolean; proposal: { participantId: number; path: string; body: unknown } | null; createdAt: string }

export interface Operations {
  /** The process is alive. */
  getHealth: { input: {  }; output: { status: 'ok' } }
  /** The database answers and the chain is projected. */
  getReadiness: { input: {  }; output: { status: 'ready'; asOf: { block: number; hash: string; time: number } } }
  /** Apply for admission with identifiers, signing keys and certificates. */
  apply: { input: { body: { name: string; country: string; roles: ('debtor' | 'supplier' | 'factor' | 'clearing' | 'regulator')[]; identifiers: string[]; signers: { signer: string; duty: 'maker' | 'checker' }[]; quorum: { makers: number; checkers: number }; encryptionKey: string; certificates?: string } }; output: { applicationId: string; state: 'submitted' | 'accepted' | 'refused' | 'admitted'; participantId: number | null; submittedAt: string; decidedAt: string | null; isScreened: boolean; secret: string } }
  /** Applications, the oldest first, with what each check says. */
  listApplications: { input: { state?: 'submitted' | 'accepted' | 'refused' | 'admitted'; after?: string; limit?: string }; output: { items: ApplicationReview[]; next: string | null } }
  /** What became of your application. Why is told by the registrar, not here. */
  getApplication: { input: { applicationId: string }; output: { applicationId: string; state: 'submitted' | 'accepted' | 'refused' | 'admitted'; participantId: number | null; submittedAt: string; decidedAt: string | null; isScreened: boolean } }
  /** What a key of the participant has to sign to log in. Asked for anybody, it says nothing about whom there is. */
  createLoginChallenge: { input: { body: { participantId: number } }; output: { participantId: number; nonce: string; typedData: unknown; digest: string; expiresAt: number } }
  /** Log in by a signed challenge. */
  createSession: { input: { body: { participantId: number; nonce: string; signer?: string; signature: string } }; output: { token: string; expiresAt: number; renewableUntil: number; participantId: number; permissions: ('read' | 'propose' | 'sign' | 'administer')[] } }
  /** A new token for the one in hand, which ends with it. */
  renewSession: { input: {  }; output: { token: string; expiresAt: number; renewableUntil: number; participantId: number; permissions: ('read' | 'propose' | 'sign' | 'administer')[] } }
  /** Log out: the token in hand is good for nothing from now on. */
  endSession: { input: {  }; output: unknown }
  /** Where the browser goes to sign in at the participant’s identity provider. */
  beginSso: { input: { body: { participantId: number } }; output: { url: string; state: string } }
  /** Log in by what the identity provider sent back through the browser. */
  createSsoSession: { input: { body: { code: string; state: string } }; output: { token: string; expiresAt: number; renewableUntil: number; participantId: number; permissions: ('read' | 'propose' | 'sign' | 'administer')[] } }
  /** The people of your participant. */
  listUsers: { input: {  }; output: { items: { userId: string; name: string; duties: ('viewer' | 'maker' | 'checker' | 'admin')[]; identity: { issuer: string; subject: string } | null; isActive: boolean; createdAt: string }[] } }
  /** Add a person with its duties, and who it is at your single sign-on. */
  createUser: { input: { body: { name: string; duties: ('viewer' | 'maker' | 'checker' | 'admin')[]; identity?: { issuer: string; subject: string } } }; output: { userId: string; name: string; duties: ('viewer' | 'maker' | 'checker' | 'admin')[]; identity: { issuer: string; subject: string } | null; isActive: boolean; createdAt: string } }
  /** Change the duties of a person, or let it in no more: at once, also for sessions that are open. */
  changeUser: { input: { userId: string; body: { duties?: ('viewer' | 'maker' | 'checker' | 'admin')[]; isActive?: boolean } }; output: { userId: string; name: string; duties: ('viewer' | 'maker' | 'checker' | 'admin')[]; identity: { issuer: string; subject: string } | null; isActive: boolean; createdAt: string } }
  /** The API keys of your participant: how they begin, never the keys. */
  listApiKeys: { input: {  }; output: { items: { keyId: string; prefix: string; name: string; scopes: ('read' | 'propose' | 'sign')[]; createdBy: string; createdAt: string; expiresAt: string | null; revokedAt: string | null; endedByRecovery: boolean; lastUsedAt: string | null }[] } }
  /** Make an API key for a program of yours. */
  createApiKey: { input: { body: { name: string; scopes: ('read' | 'propose' | 'sign')[]; days?: number } }; output: { keyId: string; prefix: string; name: string; scopes: ('read' | 'propose' | 'sign')[]; createdBy: string; createdAt: string; expiresAt: string | null; revokedAt: string | null; endedByRecovery: boolean; lastUsedAt: string | null; key: string | null } }
  /** Take an API key back, at once and for good. */
  revokeApiKey: { input: { keyId: string }; output: { keyId: string; prefix: string; name: string; scopes: ('read' | 'propose' | 'sign')[]; createdBy: string; createdAt: string; expiresAt: string | null; revokedAt: string | null; endedByRecovery: boolean; lastUsedAt: string | null } }
  /** Keys in custody: those of your participant for who administers it, else your own. */
  listManagedKeys: { input: {  }; output: { items: { managedKeyId: string; userId: string; duty: 'maker' | 'checker'; kind: 'secp256k1' | 'p256' | 'sm2'; signer: string; state: 'proposed' | 'active' | 'suspended' | 'ended' | 'removed' | 'lapsed'; isSigner: boolean | null; certificateRequest: string | null; intentId: string; removalIntentId: string | null; createdBy: string; createdAt: string; changedAt: string }[] } }
  /** Choose custody for a user: the service makes a key, and your signers decide whether the account gets it. */
  createManagedKey: { input: { body: { userId: string; duty: 'maker' | 'checker'; kind: 'secp256k1' | 'p256' | 'sm2'; replaces?: string } }; output: Intent }
  /** What a key in custody has signed, the newest first. */
  listManagedKeyUses: { input: { managedKeyId: string; limit?: string; before?: string }; output: { items: { intentId: string | null; quoteId: string | null; userId: string; digest: string; requestId: string; usedAt: string }[] } }
  /** Let a key in custody sign nothing for now, at once. */
  suspendManagedKey: { input: { managedKeyId: string }; output: { managedKeyId: string; userId: string; duty: 'maker' | 'checker'; kind: 'secp256k1' | 'p256' | 'sm2'; signer: string; state: 'proposed' | 'active' | 'suspended' | 'ended' | 'removed' | 'lapsed'; isSigner: boolean | null; certificateRequest: string | null; intentId: string; removalIntentId: string | null; createdBy: string; createdAt: string; changedAt: string } }
  /** Let a suspended key in custody sign again. */
  reinstateManagedKey: { input: { managedKeyId: string }; output: { managedKeyId: string; userId: string; duty: 'maker' | 'checker'; kind: 'secp256k1' | 'p256' | 'sm2'; signer: string; state: 'proposed' | 'active' | 'suspended' | 'ended' | 'removed' | 'lapsed'; isSigner: boolean | null; certificateRequest: string | null; intentId: string; removalIntentId: string | null; createdBy: string; createdAt: string; changedAt: string } }
  /** Destroy a key in custody, at once and for good. */
  endManagedKey: { input: { managedKeyId: string }; output: { managedKeyId: string; userId: string; duty: 'maker' | 'checker'; kind: 'secp256k1' | 'p256' | 'sm2'; signer: string; state: 'proposed' | 'active' | 'suspended' | 'ended' | 'removed' | 'lapsed'; isSigner: boolean | null; certificateRequest: string | null; intentId: string; removalIntentId: string | null; createdBy: string; createdAt: string; changedAt: string } }
  /** Bring what your authority issued for an SM2 key in custody. */
  certifyManagedKey: { input: { managedKeyId: string; body: { certificates: string } }; output: { managedKeyId: string; userId: string; duty: 'maker' | 'checker'; kind: 'secp256k1' | 'p256' | 'sm2'; signer: string; state: 'proposed' | 'active' | 'suspended' | 'ended' | 'removed' | 'lapsed'; isSigner: boolean | null; certificateRequest: string | null; intentId: string; removalIntentId: string | null; createdBy: string; createdAt: string; changedAt: string } }
  /** Propose that the account lets a key in custody go, or has one of your own in its place. */
  removeManagedKey: { input: { managedKeyId: string; body: { replacement?: string } }; output: Intent }
  /** The audit log: your own entries, a regulator all. */
  listAudit: { input: { after?: string; order?: 'oldest' | 'newest'; limit?: string; participant?: string }; output: { items: { seq: number; at: string; participantId: number; actor: string; requestId: string; operation: string; path: string; status: number; code: string | null; previous: string; hash: string }[]; next: number | null } }
  /** The directory. */
  listParticipants: { input: {  }; output: { items: Participant[] } }
  /** Who you are, and what your credential may do. */
  getMe: { input: {  }; output: { participantId: number; account: string; name: string; roles: string[]; permissions: ('read' | 'propose' | 'sign' | 'administer')[] } }
  /** An application as a whole. */
  reviewApplication: { input: { applicationId: string }; output: ApplicationReview }
  /** Ask the screening services again, such as those that did not answer. */
  screenApplication: { input: { applicationId: string }; output: ApplicationReview }
  /** Admit: its account is created and admitted on chain by one intent of yours. */
  admitApplicant: { input: { applicationId: string; body: { reason: string; roles?: ('debtor' | 'supplier' | 'factor' | 'clearing' | 'regulator')[]; despite?: string[] } }; output: Intent }
  /** Refuse. The applicant is told that, and not why. */
  refuseApplicant: { input: { applicationId: string; body: { reason: string } }; output: ApplicationReview }
  /** Participants with their state, roles and keys. */
  listStandings: { input: {  }; output: { asOf: { block: number; hash: string; time: number }; items: Standing[]; recoveryDelay: number } }
  /** A participant, and what was done about it and why. */
  getStanding: { input: { participantId: string }; output: { asOf: { block: number; hash: string; time: number }; standing: Standing; recoveries: Recovery[]; acts: { intentId: string; kind: string; state: string; words: { en: string; zh: string }; reason: string; at: string }[] } }
  /** Suspend: it keeps what it holds and can do nothing. */
  suspendParticipant: { input: { participantId: string; body: { reason: string } }; output: Intent }
  /** Lift the suspension. */
  reinstateParticipant: { input: { participantId: string; body: { reason: string } }; output: Intent }
  /** Give other roles, instead of those it has. */
  changeRoles: { input: { participantId: string; body: { reason: string; roles: ('debtor' | 'supplier' | 'factor' | 'clearing' | 'regulator')[] } }; output: Intent }
  /** Propose other keys for who lost its own. It can veto them until the delay is over. */
  proposeRecovery: { input: { participantId: string; body: { reason: string; signers: { signer: string; duty: 'maker' | 'checker' }[]; quorum: { makers: number; checkers: number } } }; output: Intent }
  /** Take the proposed keys back. */
  cancelRecovery: { input: { participantId: string; body: { reason: string } }; output: Intent }
  /** Put the proposed keys in force, once the delay is over. */
  completeRecovery: { input: { participantId: string; body: { reason: string } }; output: Intent }
  /** Other keys that the registrar proposed for your account, the newest first. */
  listOwnRecoveries: { input: {  }; output: { items: Recovery[] } }
  /** Veto the proposed keys with those that your account has; suspended or not. */
  vetoRecovery: { input: {  }; output: Intent }
  /** Read an e-invoice of yours (the body is the file): fields, identity and fingerprint. */
  uploadDocument: { input: { debtor?: string; body: Uint8Array }; output: ReadDocument }
  /** Read a file of up to 1,000 invoices of yours (CSV ledger, FatturaPA): each becomes a document of its own, or has a problem. */
  uploadDocumentBatch: { input: { debtor?: string; mapping?: string; body: Uint8Array }; output: { sha256: string; documents: number; problems: number; items: { place: string; isNew?: boolean; document?: ReadDocument; problem?: unknown }[] } }
  /** A document of yours as it was read. */
  getDocument: { input: { documentId: string }; output: ReadDocument }
  /** A document as sealed to you, with its data key under your encryption key: open it on your side. */
  getSealedDocument: { input: { documentId: string }; output: { documentId: string; sha256: string; mediaType: string; sealed: string; keyId: string; wrapped: string } }
  /** Let another participant read: the data key, wrapped by you for its encryption key. */
  addDocumentReader: { input: { documentId: string; body: { participantId: number; wrapped: string } }; output: { documentId: string; participantId: number } }
  /** A document as far as you may see it: whole to who has its file, masked to parties of its receivable and whom something was granted to. */
  getDocumentView: { input: { documentId: string }; output: { documentId: string; format: string; class: 'R' | 'C'; issueDate: string | null; dueDate: string | null; currency: string; payable: string; gross: string | null; seller: string | null; buyer: string | null; receivableId: string | null; masked: ('numbers' | 'references' | 'parties' | 'payee' | 'attachments')[]; numbers: { number: string; invoiceCode: string | null; preceding: string[] } | null; references: { orders: string[]; contracts: string[] } | null; parties: { seller: unknown; buyer: unknown } | null; payee: unknown; attachments: unknown[] | null } }
  /** The documents that a receivable stands on, each as far as you may see it. */
  listDocumentsBehind: { input: { receivableId: string }; output: { items: { documentId: string; format: string; class: 'R' | 'C'; issueDate: string | null; dueDate: string | null; currency: string; payable: string; gross: string | null; seller: string | null; buyer: string | null; receivableId: string | null; masked: ('numbers' | 'references' | 'parties' | 'payee' | 'attachments')[]; numbers: { number: string; invoiceCode: string | null; preceding: string[] } | null; references: { orders: string[]; contracts: string[] } | null; parties: { seller: unknown; buyer: unknown } | null; payee: unknown; attachments: unknown[] | null }[] } }
  /** Who may see what of a document of yours, withdrawn grants too; of another’s what was granted to you. */
  listDocumentGrants: { input: { documentId: string }; output: { items: { grantId: string; documentId: string; participantId: number; sections: ('numbers' | 'references' | 'parties' | 'payee' | 'attachments')[]; until: number | null; grantedAt: number; withdrawnAt: number | null }[] } }
  /** Show sections of what was read from a document of yours to another participant, until you withdraw it. */
  grantDocument: { input: { documentId: string; body: { participantId: number; sections: ('numbers' | 'references' | 'parties' | 'payee' | 'attachments')[]; until?: number } }; output: { grantId: string; documentId: string; participantId: number; sections: ('numbers' | 'references' | 'parties' | 'payee' | 'attachments')[]; until: number | null; grantedAt: number; withdrawnAt: number | null } }
  /** Withdraw a grant: from now on the sections are masked again. */
  withdrawDocumentGrant: { input: { documentId: string; grantId: string }; output: { grantId: string; documentId: string; participantId: number; sections: ('numbers' | 'references' | 'parties' | 'payee' | 'attachments')[]; until: number | null; grantedAt: number; withdrawnAt: number | null } }
  /** Give the file no more to a reader that was let in after the upload. What it has read it has read. */
  withdrawDocumentReader: { input: { documentId: string; participantId: string }; output: { documentId: string; participantId: number; withdrawnAt: number } }
  /** Register a receivable from a document of yours, or from the fields of an invoice. */
  registerReceivable: { input: { body: { documentId?: string; invoice?: { number: string; invoiceCode?: string; issueDate: string; dueDate?: string; currency: string; payable: string; gross?: string; preceding?: string[]; orders?: string[]; contracts?: string[] }; debtor?: number; maturity?: number } }; output: Intent }
  /** Receivables that you are or were a party of. */
  listReceivables: { input: { role?: 'creditor' | 'debtor'; state?: 'registered' | 'confirmed' | 'rejected' | 'withdrawn' | 'settled'; after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; items: Receivable[]; next: string | null } }
  /** Register up to 1,000 receivables from documents of yours: each intent of the answer goes as a whole or not at all. */
  registerReceivables: { input: { body: { items: { documentId?: string; invoice?: { number: string; invoiceCode?: string; issueDate: string; dueDate?: string; currency: string; payable: string; gross?: string; preceding?: string[]; orders?: string[]; contracts?: string[] }; debtor?: number; maturity?: number }[] } }; output: { intents: Intent[]; items: { receivableId: string; intentId: string }[] } }
  /** Promise to pay up to 1,000 receivables at maturity: each intent of the answer goes as a whole or not at all. */
  confirmReceivables: { input: { body: { receivableIds: string[] } }; output: { intents: Intent[]; items: { receivableId: string; intentId: string }[] } }
  /** Issue a receivable against yourself to the seller of an invoice that you brought: confirmed at once. */
  issueReceivable: { input: { body: { documentId: string; maturity?: number } }; output: Intent }
  /** Promise to pay at maturity. */
  confirmReceivable: { input: { receivableId: string }; output: Intent }
  /** Refuse to confirm, with a reason; frees the document. */
  rejectReceivable: { input: { receivableId: string; body: { reason: string } }; output: Intent }
  /** Take an unconfirmed receivable back. */
  withdrawReceivable: { input: { receivableId: string }; output: Intent }
  /** Dispute what you confirmed: no new transfer and no new lock until that is lifted. */
  disputeReceivable: { input: { receivableId: string; body: { reason: string } }; output: Intent }
  /** Lift the dispute: as the debtor, or as a regulator by order. */
  liftDispute: { input: { receivableId: string; body: { reason: string; court?: string; document?: string } }; output: Intent }
  /** Record that the debtor paid every note that is still open, each to its payee. */
  settleReceivable: { input: { receivableId: string; body: { payment: string } }; output: Intent }
  /** Close the books once every note is settled or cancelled. */
  closeReceivable: { input: { receivableId: string }; output: Intent }
  /** A receivable with its notes: all for its debtor, its creditor and a regulator, for others those of their branches. */
  getReceivable: { input: { receivableId: string }; output: { asOf: { block: number; hash: string; time: number }; receivable: Receivable; notes: Note[] } }
  /** Offer a part or the whole of a note to another participant. */
  transferNote: { input: { noteId: string; body: { assignee: number; amount: string; deadline?: number; tradeDocument: string } | { assignee: number; amount: string; deadline?: number; tradeFingerprint: string } }; output: Intent }
  /** Take a note that was offered to you. */
  acceptNote: { input: { noteId: string }; output: Intent }
  /** Refuse what was offered to you: a note, a dilution or a return. Frees the trade document. */
  refuseNote: { input: { noteId: string; body: { reason: string } }; output: Intent }
  /** Take back an offer that was not accepted. Frees the trade document. */
  recallNote: { input: { noteId: string }; output: Intent }
  /** Join a note with your next one that differs in nothing but its span. */
  mergeNotes: { input: { noteId: string; body: { nextId: string } }; output: Intent }
  /** Offer the debtor to cancel a part that you never sold, by a credit note. */
  offerDilution: { input: { noteId: string; body: { amount: string; deadline?: number; creditNote: string } }; output: Intent }
  /** Consent to a dilution: the part is cancelled for ever and owed no more. */
  acceptDilution: { input: { noteId: string }; output: Intent }
  /** Lock a part for a factor, for a quote that it gave you outside of the registry. */
  lockNote: { input: { noteId: string; body: { factor: number; amount: string; deadline?: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; quote: string } }; output: Intent }
  /** The factor declines, or the holder frees a lapsed lock. */
  unlockNote: { input: { noteId: string }; output: Intent }
  /** Funds were paid: take the locked note by assignment, or as a pledge. */
  financeNote: { input: { noteId: string; body: { disbursement: string } }; output: Intent }
  /** You were repaid: the pledge ends and the note is its holder’s again. */
  releaseNote: { input: { noteId: string; body: { repayment: string } }; output: Intent }
  /** You were not repaid: from maturity on take the pledged note. */
  forecloseNote: { input: { noteId: string }; output: Intent }
  /** The debtor did not pay: offer a note taken with recourse back to its assignor. */
  returnNote: { input: { noteId: string; body: { deadline?: number; demand: string } }; output: Intent }
  /** You repaid the factor: take your note back. */
  acceptReturn: { input: { noteId: string }; output: Intent }
  /** Record that the debtor paid a note or a part of it; the last one closes the receivable too. */
  settleNote: { input: { noteId: string; body: { amount?: string; payment: string } }; output: Intent }
  /** Freeze a part or the whole of a note by a court's order; settlement then goes to the escrow. */
  freezeNote: { input: { noteId: string; body: { amount: string; until: number; escrow: number; order: string; court: string; document: string } }; output: Intent }
  /** Lift a freeze of yours before its end. */
  unfreezeNote: { input: { noteId: string; body: { order: string; court: string; document: string } }; output: Intent }
  /** Notes by your part in them. */
  listNotes: { input: { role?: 'holder' | 'counterparty' | 'assignor'; state?: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; items: Note[]; next: string | null } }
  /** A note. */
  getNote: { input: { noteId: string }; output: { asOf: { block: number; hash: string; time: number }; note: Note } }
  /** The events of a receivable and of the notes of it that you see, in chain order, page by page: a page may be shorter than asked. */
  getReceivableHistory: { input: { receivableId: string; after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; items: { block: number; time: number; txHash: string; logIndex: number; name: string; args: Record<string, unknown>; note: { noteId: string; start: string; end: string; holder: number; counterparty: number | null; assignor: number | null; deadline: number | null; frozenUntil: number | null; tier: number; state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; purpose: 'none' | 'transfer' | 'trade-transfer' | 'dilution' | 'return' | 'assignment' | 'recourse-assignment' | 'pledge'; hasRecourse: boolean } | null; order: { reference: string; court: string; document: string } | null }[]; next: string | null } }
  /** The tree of all notes of a receivable, for its debtor, its creditor and a regulator. */
  getReceivableLineage: { input: { receivableId: string }; output: { asOf: { block: number; hash: string; time: number }; receivableId: string; creditor: number; debtor: number; amount: string; currency: number; maturity: number; state: 'registered' | 'confirmed' | 'rejected' | 'withdrawn' | 'settled'; events: { block: number; time: number; txHash: string; name: string }[]; pieces: { noteId: string; parent: number | null; start: string; begunEnd: string; end: string; holder: number; tier: number; state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; opened: { block: number; time: number; txHash: string; name: string }; cuts: { block: number; time: number; txHash: string; at: string; child: number | null }[]; moves: { block: number; time: number; txHash: string; name: string; state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; tier: number; holder: number; counterparty: number | null; start: string; end: string }[]; joinedInto: number | null }[] } }
  /** The events of a note, of the notes that it descends from and of its receivable, and of no other. */
  getNoteHistory: { input: { noteId: string; after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; items: { block: number; time: number; txHash: string; logIndex: number; name: string; args: Record<string, unknown>; note: { noteId: string; start: string; end: string; holder: number; counterparty: number | null; assignor: number | null; deadline: number | null; frozenUntil: number | null; tier: number; state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; purpose: 'none' | 'transfer' | 'trade-transfer' | 'dilution' | 'return' | 'assignment' | 'recourse-assignment' | 'pledge'; hasRecourse: boolean } | null; order: { reference: string; court: string; document: string } | null }[]; next: string | null } }
  /** From which notes a note comes: the way from the root, with every cut; of other branches only where they begin. */
  getNoteLineage: { input: { noteId: string }; output: { asOf: { block: number; hash: string; time: number }; receivableId: string; creditor: number; debtor: number; amount: string; currency: number; maturity: number; state: 'registered' | 'confirmed' | 'rejected' | 'withdrawn' | 'settled'; events: { block: number; time: number; txHash: string; name: string }[]; pieces: { noteId: string; parent: number | null; start: string; begunEnd: string; end: string; holder: number; tier: number; state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; opened: { block: number; time: number; txHash: string; name: string }; cuts: { block: number; time: number; txHash: string; at: string; child: number | null }[]; moves: { block: number; time: number; txHash: string; name: string; state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; tier: number; holder: number; counterparty: number | null; start: string; end: string }[]; joinedInto: number | null }[] } }
  /** All that you owe as the debtor: by currency, state, tier, maturity, creditor and holder of today. */
  getPayables: { input: {  }; output: { asOf: { block: number; hash: string; time: number }; at: number; participantId: number; currencies: { currency: number; open: { amount: string; notes: number }; disputed: { amount: string; notes: number }; frozen: { amount: string; notes: number }; overdue: { amount: string; notes: number }; unconfirmed: { amount: string; receivables: number }; byState: { state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; amount: string; notes: number }[]; byTier: { tier: number; amount: string; notes: number }[]; byMonth: { month: string; amount: string; notes: number }[]; byDay: { day: string; amount: string; notes: number }[]; byCreditor: { participantId: number | null; name: string | null; amount: string; notes: number }[]; byHolder: { participantId: number | null; name: string | null; amount: string; notes: number }[] }[] } }
  /** What you hold, may have financed or not and why, what waits for you and what you owe. */
  getHoldings: { input: {  }; output: { asOf: { block: number; hash: string; time: number }; at: number; participantId: number; currencies: { currency: number; held: { amount: string; notes: number }; financeable: { amount: string; notes: number }; notFinanceable: { obstacle: 'bound' | 'frozen' | 'disputed' | 'matured'; amount: string; notes: number }[]; byState: { state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; amount: string; notes: number }[]; byMonth: { month: string; amount: string; notes: number }[]; byDebtor: { participantId: number | null; name: string | null; amount: string; notes: number }[]; waitingForYou: { state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; purpose: 'none' | 'transfer' | 'trade-transfer' | 'dilution' | 'return' | 'assignment' | 'recourse-assignment' | 'pledge'; amount: string; notes: number }[]; owed: { as: 'debtor' | 'assignor'; month: string; amount: string; notes: number }[]; unconfirmed: { amount: string; receivables: number } }[] } }
  /** The notes that you hold, and everything that keeps each from being financed. */
  listHeldNotes: { input: { obstacle?: 'bound' | 'frozen' | 'disputed' | 'matured' | 'none'; after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; at: number; items: { note: Note; debtor: number; currency: number; maturity: number; isDisputed: boolean; mayFinance: boolean; obstacles: ('bound' | 'frozen' | 'disputed' | 'matured')[] }[]; next: string | null } }
  /** Receivables that their debtor has not answered, and when its silence would be taken for acceptance. */
  listUnconfirmed: { input: { days?: string; after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; at: number; days: number; presumes: false; items: { receivableId: string; creditor: number; debtor: number; amount: string; currency: number; maturity: number; silentSince: number; daysSilent: number; presumedOn: string; isPast: boolean }[]; next: string | null } }
  /** Bring the file of an order (the body is the file): sealed to the regulators, recorded in the evidence log. */
  createOrder: { input: { body: Uint8Array }; output: { orderId: string; sha256: string; sm3: string; mediaType: string } }
  /** The file of an order as sealed to you: open it on your side. */
  getSealedOrder: { input: { orderId: string }; output: { orderId: string; sha256: string; mediaType: string; sealed: string; keyId: string; wrapped: string } }
  /** Find by name, number, identifier, id, transaction or digest, over what you may see. */
  search: { input: { q: string }; output: { asOf: { block: number; hash: string; time: number }; q: string; items: { kind: 'participant' | 'receivable' | 'note' | 'transaction' | 'fingerprint' | 'document' | 'order' | 'leaf'; id: string; title: string; matched: string; link: string | null; receivableId?: string }[] } }
  /** Whether a digest (SHA-256 or SM3 of a file, or a leaf hash) is in the evidence log, with the proof. */
  getEvidenceCheck: { input: { digest: string }; output: { asOf: { block: number; hash: string; time: number }; digests: string[]; isRecorded: boolean; logSize: number; anchoredSize: number; records: { leafIndex: number; leafHash: string; kind: 'document' | 'command' | 'state' | 'cut' | 'statement'; record: Record<string, unknown> | null; head: { size: number; root: string; anchoredAt: number; block: number; blockHash: string; txHash: string } | null; proof: string[] }[] } }
  /** Whether a file (the body) is in the evidence log: it is hashed and forgotten. Changes nothing. */
  checkEvidence: { input: { body: Uint8Array }; output: { asOf: { block: number; hash: string; time: number }; digests: string[]; isRecorded: boolean; logSize: number; anchoredSize: number; records: { leafIndex: number; leafHash: string; kind: 'document' | 'command' | 'state' | 'cut' | 'statement'; record: Record<string, unknown> | null; head: { size: number; root: string; anchoredAt: number; block: number; blockHash: string; txHash: string } | null; proof: string[] }[] } }
  /** What is outstanding, financed and overdue, with whom it lies, and the turnover of a period. */
  getStatistics: { input: { from?: string; to?: string }; output: { asOf: { block: number; hash: string; time: number }; at: number; from: number; to: number; currencies: { currency: number; outstanding: { amount: string; notes: number }; financed: { amount: string; notes: number }; disputed: { amount: string; notes: number }; frozen: { amount: string; notes: number }; overdue: { days: '1-30' | '31-60' | '61-90' | '91+'; amount: string; notes: number }[]; receivables: { state: 'registered' | 'confirmed' | 'rejected' | 'withdrawn' | 'settled'; amount: string; receivables: number }[]; byTier: { tier: number; amount: string; notes: number }[]; byState: { state: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; amount: string; notes: number }[]; byMonth: { month: string; amount: string; notes: number }[]; byDebtor: { participantId: number | null; name: string | null; amount: string; notes: number }[]; byDebtorGroup: { group: string; amount: string; notes: number }[]; concentration: { top1: number; top5: number; top10: number; hhi: number }; concentrationByGroup: { top1: number; top5: number; top10: number; hhi: number }; turnover: { registered: { amount: string; notes: number }; confirmed: { amount: string; notes: number }; transferred: { amount: string; notes: number }; financed: { amount: string; notes: number }; settled: { amount: string; notes: number }; cancelled: { amount: string; notes: number } } }[] } }
  /** The open notes behind a figure of the statistics, with their sum. */
  listOutstanding: { input: { currency?: string; tier?: string; state?: 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; debtor?: string; group?: string; month?: string; overdue?: '1-30' | '31-60' | '61-90' | '91+'; only?: 'financed' | 'disputed' | 'frozen' | 'overdue'; after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; at: number; totals: { currency: number; amount: string; notes: number }[]; items: { note: Note; debtor: number; currency: number; maturity: number; isDisputed: boolean }[]; next: string | null } }
  /** Download receivables, notes or events as CSV or NDJSON: a regulator all, a clearing agent those of confirmed receivables, others their own, of notes by branch. */
  exportRows: { input: { dataset: 'receivables' | 'notes' | 'events'; format?: 'csv' | 'ndjson'; after?: string }; output: Uint8Array }
  /** Notice to the debtor of who holds a note now: ISO 20022 tsin.008 shape, or a PDF in Chinese and English. */
  getAssignmentNotice: { input: { noteId: string; format?: 'xml' | 'pdf' }; output: Uint8Array }
  /** Claim a document that you finance elsewhere, so that nobody finances it here. */
  claimFingerprint: { input: { fingerprint: string; body: { reason: 'assigned-elsewhere' | 'pledged-elsewhere' | 'reserved-elsewhere'; reference: string; others?: string[] } }; output: Intent }
  /** Free a document that you claimed yourself, under each key that you claimed it under. */
  releaseFingerprint: { input: { fingerprint: string; body: { reason: 'repaid' | 'declined' | 'claimed-in-error' } }; output: Intent }
  /** Alarms on your documents and on receivables that you are or were a party of. */
  listAlarms: { input: { receivableId?: string; documentId?: string; state?: 'open' | 'accepted' | 'rejected'; after?: string; limit?: string }; output: { items: Alarm[]; next: number | null } }
  /** An alarm. */
  getAlarm: { input: { alarmId: string }; output: Alarm }
  /** Accept or reject an alarm for yourself, with a reason: accepted, it stops you no more. */
  decideAlarm: { input: { alarmId: string; body: { decision: 'accepted' | 'rejected'; reason: string } }; output: Alarm }
  /** From which score on an alarm of each rule stops you. */
  getAlarmThresholds: { input: {  }; output: { thresholds: { rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number }[] } }
  /** Set your own thresholds; rules that you leave out stay as they are. */
  setAlarmThresholds: { input: { body: { thresholds: { rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number }[] } }; output: { thresholds: { rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number }[] } }
  /** Ask factors for quotes for a note of yours or a part of it. */
  requestFunding: { input: { body: { noteId: string; amount?: string; kinds?: ('assignment' | 'recourse-assignment' | 'pledge')[]; factors?: number[]; signedQuotesOnly?: boolean; fundFrom?: number; fundUntil?: number; expiresAt?: number } }; output: { requestId: string; role: 'requester' | 'factor'; state: 'open' | 'quoted' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired' | 'closed'; requester: number; receivableId: string; noteId: string; amount: string; currency: number; debtor: number; maturity: number; confirmedAt: number; tier: number | null; kinds: ('assignment' | 'recourse-assignment' | 'pledge')[]; fundFrom: number; fundUntil: number; expiresAt: number; isOpenToAll: boolean; signedQuotesOnly: boolean; factors: number[] | null; obstacles: ('unconfirmed' | 'not-live' | 'not-held' | 'matured' | 'disputed' | 'frozen' | 'promised' | 'alarm')[]; alarms: { rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number }[] | null; provenance: string; quotes: { quoteId: string; requestId: string; factor: number; state: 'open' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired'; amount: string; currency: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; issuedAt: number; expiresAt: number; fundBy: number; remark: string; text: string; commitment: string; signedAt: number | null; signatures: { signer: string; signature: string; duty: 'maker' | 'checker'; signedAt: number }[]; cost: { fundedAt: number; days: number; advance: string; reserve: string; discount: string; interest: string; chargesAtFunding: string; chargesAtMaturity: string; proceeds: string; total: string; per30Days: string | null; effectiveRateBp: number | null }; intentId: string | null; lock: { noteId: string; at: number; deadline: number; txHash: string; next: { event: 'financed' | 'unlocked' | 'settled'; at: number; txHash: string } | null } | null }[]; createdAt: string } }
  /** Funding requests, newest first: yours, or those that you may quote for. */
  listFundingRequests: { input: { role?: 'requester' | 'factor'; noteId?: string; state?: 'open' | 'quoted' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired' | 'closed'; before?: string; limit?: string }; output: { items: { requestId: string; role: 'requester' | 'factor'; state: 'open' | 'quoted' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired' | 'closed'; requester: number; receivableId: string; noteId: string; amount: string; currency: number; debtor: number; maturity: number; confirmedAt: number; tier: number | null; kinds: ('assignment' | 'recourse-assignment' | 'pledge')[]; fundFrom: number; fundUntil: number; expiresAt: number; isOpenToAll: boolean; signedQuotesOnly: boolean; factors: number[] | null; obstacles: ('unconfirmed' | 'not-live' | 'not-held' | 'matured' | 'disputed' | 'frozen' | 'promised' | 'alarm')[]; alarms: { rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number }[] | null; provenance: string; quotes: { quoteId: string; requestId: string; factor: number; state: 'open' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired'; amount: string; currency: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; issuedAt: number; expiresAt: number; fundBy: number; remark: string; text: string; commitment: string; signedAt: number | null; signatures: { signer: string; signature: string; duty: 'maker' | 'checker'; signedAt: number }[]; cost: { fundedAt: number; days: number; advance: string; reserve: string; discount: string; interest: string; chargesAtFunding: string; chargesAtMaturity: string; proceeds: string; total: string; per30Days: string | null; effectiveRateBp: number | null }; intentId: string | null; lock: { noteId: string; at: number; deadline: number; txHash: string; next: { event: 'financed' | 'unlocked' | 'settled'; at: number; txHash: string } | null } | null }[]; createdAt: string }[]; next: string | null } }
  /** A funding request with the quotes that you may read, each with what it truly costs. */
  getFundingRequest: { input: { requestId: string }; output: { requestId: string; role: 'requester' | 'factor'; state: 'open' | 'quoted' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired' | 'closed'; requester: number; receivableId: string; noteId: string; amount: string; currency: number; debtor: number; maturity: number; confirmedAt: number; tier: number | null; kinds: ('assignment' | 'recourse-assignment' | 'pledge')[]; fundFrom: number; fundUntil: number; expiresAt: number; isOpenToAll: boolean; signedQuotesOnly: boolean; factors: number[] | null; obstacles: ('unconfirmed' | 'not-live' | 'not-held' | 'matured' | 'disputed' | 'frozen' | 'promised' | 'alarm')[]; alarms: { rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number }[] | null; provenance: string; quotes: { quoteId: string; requestId: string; factor: number; state: 'open' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired'; amount: string; currency: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; issuedAt: number; expiresAt: number; fundBy: number; remark: string; text: string; commitment: string; signedAt: number | null; signatures: { signer: string; signature: string; duty: 'maker' | 'checker'; signedAt: number }[]; cost: { fundedAt: number; days: number; advance: string; reserve: string; discount: string; interest: string; chargesAtFunding: string; chargesAtMaturity: string; proceeds: string; total: string; per30Days: string | null; effectiveRateBp: number | null }; intentId: string | null; lock: { noteId: string; at: number; deadline: number; txHash: string; next: { event: 'financed' | 'unlocked' | 'settled'; at: number; txHash: string } | null } | null }[]; createdAt: string } }
  /** Take a request of yours back: its quotes lapse. Not once you have accepted one. */
  withdrawFundingRequest: { input: { requestId: string }; output: { requestId: string; role: 'requester' | 'factor'; state: 'open' | 'quoted' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired' | 'closed'; requester: number; receivableId: string; noteId: string; amount: string; currency: number; debtor: number; maturity: number; confirmedAt: number; tier: number | null; kinds: ('assignment' | 'recourse-assignment' | 'pledge')[]; fundFrom: number; fundUntil: number; expiresAt: number; isOpenToAll: boolean; signedQuotesOnly: boolean; factors: number[] | null; obstacles: ('unconfirmed' | 'not-live' | 'not-held' | 'matured' | 'disputed' | 'frozen' | 'promised' | 'alarm')[]; alarms: { rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; score: number }[] | null; provenance: string; quotes: { quoteId: string; requestId: string; factor: number; state: 'open' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired'; amount: string; currency: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; issuedAt: number; expiresAt: number; fundBy: number; remark: string; text: string; commitment: string; signedAt: number | null; signatures: { signer: string; signature: string; duty: 'maker' | 'checker'; signedAt: number }[]; cost: { fundedAt: number; days: number; advance: string; reserve: string; discount: string; interest: string; chargesAtFunding: string; chargesAtMaturity: string; proceeds: string; total: string; per30Days: string | null; effectiveRateBp: number | null }; intentId: string | null; lock: { noteId: string; at: number; deadline: number; txHash: string; next: { event: 'financed' | 'unlocked' | 'settled'; at: number; txHash: string } | null } | null }[]; createdAt: string } }
  /** Offer to finance what a holder asked for; only that holder reads it. */
  giveQuote: { input: { requestId: string; body: { purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; expiresAt: number; fundBy: number; remark?: string } }; output: { quoteId: string; requestId: string; factor: number; state: 'open' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired'; amount: string; currency: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; issuedAt: number; expiresAt: number; fundBy: number; remark: string; text: string; commitment: string; signedAt: number | null; signatures: { signer: string; signature: string; duty: 'maker' | 'checker'; signedAt: number }[]; cost: { fundedAt: number; days: number; advance: string; reserve: string; discount: string; interest: string; chargesAtFunding: string; chargesAtMaturity: string; proceeds: string; total: string; per30Days: string | null; effectiveRateBp: number | null }; intentId: string | null; lock: { noteId: string; at: number; deadline: number; txHash: string; next: { event: 'financed' | 'unlocked' | 'settled'; at: number; txHash: string } | null } | null; typedData: unknown; digest: string } }
  /** A quote with what it truly costs: for the factor that gave it and the holder that asked. */
  getQuote: { input: { quoteId: string }; output: { quoteId: string; requestId: string; factor: number; state: 'open' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired'; amount: string; currency: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; issuedAt: number; expiresAt: number; fundBy: number; remark: string; text: string; commitment: string; signedAt: number | null; signatures: { signer: string; signature: string; duty: 'maker' | 'checker'; signedAt: number }[]; cost: { fundedAt: number; days: number; advance: string; reserve: string; discount: string; interest: string; chargesAtFunding: string; chargesAtMaturity: string; proceeds: string; total: string; per30Days: string | null; effectiveRateBp: number | null }; intentId: string | null; lock: { noteId: string; at: number; deadline: number; txHash: string; next: { event: 'financed' | 'unlocked' | 'settled'; at: number; txHash: string } | null } | null; typedData: unknown; digest: string } }
  /** The evidence package of a quote: its text, who signed it, and that it was recorded when it was given. */
  getQuoteEvidence: { input: { quoteId: string; since?: string }; output: Uint8Array }
  /** Sign a quote of yours with a key of your account, or have your key in custody sign. */
  signQuote: { input: { quoteId: string; body: { signature: string } | { signer: string; signature: string } | { managedKey: string } }; output: { quoteId: string; requestId: string; factor: number; state: 'open' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired'; amount: string; currency: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; issuedAt: number; expiresAt: number; fundBy: number; remark: string; text: string; commitment: string; signedAt: number | null; signatures: { signer: string; signature: string; duty: 'maker' | 'checker'; signedAt: number }[]; cost: { fundedAt: number; days: number; advance: string; reserve: string; discount: string; interest: string; chargesAtFunding: string; chargesAtMaturity: string; proceeds: string; total: string; per30Days: string | null; effectiveRateBp: number | null }; intentId: string | null; lock: { noteId: string; at: number; deadline: number; txHash: string; next: { event: 'financed' | 'unlocked' | 'settled'; at: number; txHash: string } | null } | null; typedData: unknown; digest: string } }
  /** Take a quote of yours back that is not firm and was not accepted. */
  withdrawQuote: { input: { quoteId: string }; output: { quoteId: string; requestId: string; factor: number; state: 'open' | 'accepted' | 'locked' | 'funded' | 'declined' | 'lapsed' | 'withdrawn' | 'expired'; amount: string; currency: number; purpose: 'assignment' | 'recourse-assignment' | 'pledge'; advanceBp: number; reserveBp: number; annualRateBp: number; dayCount: 'ACT/360' | 'ACT/365'; interestDue: 'funding' | 'maturity'; fees: ({ kind: 'flat'; amount: string; due: 'funding' | 'maturity' } | { kind: 'share'; bp: number; due: 'funding' | 'maturity' })[]; isFirm: boolean; issuedAt: number; expiresAt: number; fundBy: number; remark: string; text: string; commitment: string; signedAt: number | null; signatures: { signer: string; signature: string; duty: 'maker' | 'checker'; signedAt: number }[]; cost: { fundedAt: number; days: number; advance: string; reserve: string; discount: string; interest: string; chargesAtFunding: string; chargesAtMaturity: string; proceeds: string; total: string; per30Days: string | null; effectiveRateBp: number | null }; intentId: string | null; lock: { noteId: string; at: number; deadline: number; txHash: string; next: { event: 'financed' | 'unlocked' | 'settled'; at: number; txHash: string } | null } | null; typedData: unknown; digest: string } }
  /** Accept a quote: the intent locks exactly its amount for its factor, until it has to have paid. */
  acceptQuote: { input: { quoteId: string }; output: Intent }
  /** Your limits, and what is used, reserved and free under each. */
  listLimits: { input: {  }; output: { items: { scope: 'total' | 'debtor' | 'seller'; participantId: number | null; currency: number; amount: string | null; expiresAt: number; used: string; reserved: string; free: string | null }[] } }
  /** Set how much may stand with a debtor, with a seller or in all, in a currency. */
  setLimit: { input: { body: { scope: 'total' | 'debtor' | 'seller'; participantId?: number; currency: number; amount: string | null; expiresAt: number } }; output: { items: { scope: 'total' | 'debtor' | 'seller'; participantId: number | null; currency: number; amount: string | null; expiresAt: number; used: string; reserved: string; free: string | null }[] } }
  /** Ask of up to 100 documents whether they are registered or claimed, or look like others that are. */
  checkDuplicates: { input: { body: { documents: ({ fingerprint: string } | { fields: { seller: { vat?: string; uscc?: string; tax?: string; name?: string; country?: string }; buyer?: { vat?: string; uscc?: string; tax?: string; name?: string; country?: string }; number: string; invoiceCode?: string; issueDate: string; currency: string; gross: string; orders?: string[]; isChinese?: boolean } } | { file: string })[] } }; output: { answers: { status: 'unknown' | 'registered' | 'trade-document' | 'claimed-elsewhere' | 'unreadable'; state: 'registered' | 'confirmed' | 'rejected' | 'withdrawn' | 'settled' | null; nearDuplicates: { rule: 'look-alike-number' | 'same-digits' | 'same-economics' | 'same-amount' | 'parts-of-total' | 'names-preceding' | 'same-file' | 'other-payee'; count: number }[] | null; problem: string | null }[] } }
  /** Your book in sums: by standing, debtor, seller and month of maturity, each by currency. */
  getBook: { input: {  }; output: { asOf: { block: number; hash: string; time: number }; sums: { by: 'standing' | 'debtor' | 'seller' | 'maturity'; key: string; currency: number; amount: string; notes: number }[] } }
  /** Every note that is locked or pledged for you or that was assigned to you, until it is paid. */
  listPositions: { input: { after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; items: { noteId: string; receivableId: string; standing: 'locked' | 'pledged' | 'held' | 'returned'; amount: string; currency: number; debtor: number; seller: number; maturity: number; hasRecourse: boolean; isDisputed: boolean; deadline: number | null }[]; next: string | null } }
  /** Your open notes, and of each whether it may be financed now or why not. */
  listEligibleNotes: { input: { after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; items: { noteId: string; receivableId: string; state: 'none' | 'live' | 'offered' | 'locked' | 'pledged' | 'settled' | 'cancelled'; amount: string; currency: number; debtor: number; maturity: number; tier: number; isEligible: boolean; obstacles: ('unconfirmed' | 'not-live' | 'not-held' | 'matured' | 'disputed' | 'frozen' | 'promised' | 'alarm')[] }[]; next: string | null } }
  /** The fate of a command: one resource from signature to projection. */
  getIntent: { input: { intentId: string }; output: Intent }
  /** Your commands, newest first. */
  listIntents: { input: { limit?: string; before?: string }; output: { items: Intent[] } }
  /** Add a signature, or have your key in custody sign; the last one that is needed sends the intent off. */
  signIntent: { input: { intentId: string; body: { signature: string } | { signer: string; signature: string } | { managedKey: string } }; output: Intent }
  /** The evidence package of a receivable with all its notes, for its debtor and creditor. */
  getReceivableEvidence: { input: { receivableId: string; since?: string }; output: Uint8Array }
  /** The evidence package of a note: its lineage, and nothing of other branches. */
  getNoteEvidence: { input: { noteId: string; since?: string }; output: Uint8Array }
  /** The evidence package of a document that you can read: that it was recorded, and the sealed file. */
  getDocumentEvidence: { input: { documentId: string; since?: string }; output: Uint8Array }
  /** The evidence package of a transaction that you ordered: its events and your signed command. */
  getTransactionEvidence: { input: { txHash: string; since?: string }; output: Uint8Array }
  /** The newest anchored head of the evidence log. */
  getLogHead: { input: {  }; output: unknown }
  /** That a record is in the log: by its leaf hash, under an anchored head (the newest when none is named). */
  getInclusionProof: { input: { hash: string; size?: string }; output: { leafIndex: number; size: number; root: string; proof: string[] } }
  /** That one anchored head only added leaves to an earlier one. */
  getConsistencyProof: { input: { from: string; to?: string }; output: { from: number; fromRoot: string; to: number; toRoot: string; proof: string[] } }
  /** What an offline verification trusts: take it once, from a place that you trust. */
  getTrustAnchors: { input: {  }; output: unknown }
  /** Who has claimed a document, or that nobody has, proven as of the newest block. */
  getFingerprintCertificate: { input: { fingerprint: string }; output: unknown }
  /** Whom the debtor pays for each span, proven as of the newest block. */
  getPayToStatement: { input: { receivableId: string }; output: unknown }
  /** That a note is a span of a confirmed receivable, proven without any other holder. */
  getNoteProvenance: { input: { noteId: string }; output: unknown }
  /** What falls due and when it is paid, by payment day and currency. */
  listMaturities: { input: { as?: 'debtor' | 'holder' | 'clearing'; from?: string; to?: string; currency?: string; convention?: 'following' | 'modified-following'; after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; totals: { paymentDay: string; currency: string; calendar: 'T2' | 'CN' | 'FEDWIRE' | 'CHAPS' | 'NONE'; convention: 'following' | 'modified-following'; isPublished: boolean; count: number; amount: string }[]; items: { noteId: string; receivableId: string; amount: string; currency: string; maturity: number; paymentDay: string; isPublished: boolean; debtor: number; payee: number; links: { note: string; receivable: string; payTo: string } }[]; next: string | null } }
  /** Prepare the payments of what falls due: one for each open note, to its payee of the moment. */
  createPaymentRun: { input: { body: { upTo: string; receivables?: string[]; currency?: string; account?: string } }; output: { runId: string; state: 'open' | 'in-payment' | 'paid' | 'stale' | 'cancelled'; debtor: number; account: string; upTo: string; asOf: { block: number; hash: string; time: number }; createdAt: string; totals: { currency: string; paymentDay: string; count: number; amount: string }[]; payments: { endToEndId: string; noteId: string; receivableId: string; payee: number; payeeName: string; account: string; amount: string; currency: string; paymentDay: string; isDayPublished: boolean; state: 'open' | 'paid' | 'stale' }[]; unpayable: { noteId: string; receivableId: string; payee: number; amount: string; currency: string; reason: 'payee-is-operator' | 'payee-is-debtor' | 'payee-unknown' | 'account-missing' | 'account-unusable' | 'in-another-run' }[]; order: string | null } }
  /** Your payment runs, newest first. */
  listPaymentRuns: { input: { limit?: string }; output: { items: { runId: string; state: 'open' | 'in-payment' | 'paid' | 'stale' | 'cancelled'; debtor: number; account: string; upTo: string; asOf: { block: number; hash: string; time: number }; createdAt: string; totals: { currency: string; paymentDay: string; count: number; amount: string }[]; payments: { endToEndId: string; noteId: string; receivableId: string; payee: number; payeeName: string; account: string; amount: string; currency: string; paymentDay: string; isDayPublished: boolean; state: 'open' | 'paid' | 'stale' }[]; unpayable: { noteId: string; receivableId: string; payee: number; amount: string; currency: string; reason: 'payee-is-operator' | 'payee-is-debtor' | 'payee-unknown' | 'account-missing' | 'account-unusable' | 'in-another-run' }[]; order: string | null }[] } }
  /** A payment run, held against the notes as they are now. */
  getPaymentRun: { input: { runId: string }; output: { runId: string; state: 'open' | 'in-payment' | 'paid' | 'stale' | 'cancelled'; debtor: number; account: string; upTo: string; asOf: { block: number; hash: string; time: number }; createdAt: string; totals: { currency: string; paymentDay: string; count: number; amount: string }[]; payments: { endToEndId: string; noteId: string; receivableId: string; payee: number; payeeName: string; account: string; amount: string; currency: string; paymentDay: string; isDayPublished: boolean; state: 'open' | 'paid' | 'stale' }[]; unpayable: { noteId: string; receivableId: string; payee: number; amount: string; currency: string; reason: 'payee-is-operator' | 'payee-is-debtor' | 'payee-unknown' | 'account-missing' | 'account-unusable' | 'in-another-run' }[]; order: string | null } }
  /** The order to your bank: ISO 20022 pain.001.001.09. */
  downloadPaymentOrder: { input: { runId: string }; output: Uint8Array }
  /** Say that the run is not carried out: its notes can be ordered again. */
  cancelPaymentRun: { input: { runId: string }; output: { runId: string; state: 'open' | 'in-payment' | 'paid' | 'stale' | 'cancelled'; debtor: number; account: string; upTo: string; asOf: { block: number; hash: string; time: number }; createdAt: string; totals: { currency: string; paymentDay: string; count: number; amount: string }[]; payments: { endToEndId: string; noteId: string; receivableId: string; payee: number; payeeName: string; account: string; amount: string; currency: string; paymentDay: string; isDayPublished: boolean; state: 'open' | 'paid' | 'stale' }[]; unpayable: { noteId: string; receivableId: string; payee: number; amount: string; currency: string; reason: 'payee-is-operator' | 'payee-is-debtor' | 'payee-unknown' | 'account-missing' | 'account-unusable' | 'in-another-run' }[]; order: string | null } }
  /** Bring a bank statement (the body is the file): camt.052, camt.053, camt.054, MT940, or CSV by a mapping. */
  uploadStatement: { input: { mapping?: string; body: Uint8Array }; output: { statementId: string; format: string; sha256: string; sm3: string; entriesDigest: string; leafIndex: number; createdAt: string; parts: { account: string; currency: string; opening: string | null; closing: string | null; closingDay: string | null; movement: string; check: 'balanced' | 'unbalanced' | 'no-balances'; difference: string | null; entries: number; fresh: number }[] } }
  /** The bank statements that you brought, newest first. */
  listStatements: { input: { limit?: string }; output: { items: { statementId: string; format: string; sha256: string; sm3: string; entriesDigest: string; leafIndex: number; createdAt: string; parts: { account: string; currency: string; opening: string | null; closing: string | null; closingDay: string | null; movement: string; check: 'balanced' | 'unbalanced' | 'no-balances'; difference: string | null; entries: number; fresh: number }[] }[] } }
  /** A bank statement that you brought. */
  getStatement: { input: { statementId: string }; output: { statementId: string; format: string; sha256: string; sm3: string; entriesDigest: string; leafIndex: number; createdAt: string; parts: { account: string; currency: string; opening: string | null; closing: string | null; closingDay: string | null; movement: string; check: 'balanced' | 'unbalanced' | 'no-balances'; difference: string | null; entries: number; fresh: number }[] } }
  /** Entries of your statements, each once. */
  listStatementEntries: { input: { day?: string; finding?: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note'; statementId?: string; after?: string; limit?: string }; output: { items: { entryId: number; digest: string; account: string; currency: string; amount: string; effect: 'credit' | 'debit'; isReversal: boolean; status: string; day: string | null; finding: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note'; allocated: string; statementId: string; reversalOf: number | null; details: unknown }[]; next: number | null } }
  /** Which entries pay which notes: proposed ones are the queue. */
  listMatches: { input: { state?: 'proposed' | 'accepted' | 'rejected' | 'superseded' | 'cancelled'; entryId?: string; statementId?: string; after?: string; limit?: string }; output: { items: { matchId: number; state: 'proposed' | 'accepted' | 'rejected' | 'superseded' | 'cancelled'; rule: 'end-to-end' | 'end-to-end-amount' | 'number' | 'several-numbers' | 'amount' | 'by-hand'; score: number; reasons: ('reference' | 'amount-exact' | 'amount-partial' | 'amount-over' | 'payee-account' | 'payee-account-unknown' | 'payer-account' | 'payer-name' | 'document-number' | 'payment-day' | 'statement-unbalanced')[]; parts: { noteId: string; receivableId: string; payee: number; amount: string; intentId: string | null; settledNoteId: string | null; progress: 'waiting' | 'ordered' | 'settled' }[]; entry: { entryId: number; digest: string; account: string; currency: string; amount: string; effect: 'credit' | 'debit'; isReversal: boolean; status: string; day: string | null; finding: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note'; allocated: string; statementId: string; reversalOf: number | null; details: unknown }; isByRule: boolean; decision: string | null; decidedAt: string | null; createdAt: string }[]; next: number | null } }
  /** Say which notes an entry pays, one or several, with a reason. */
  matchByHand: { input: { body: { entryId: number; parts: { noteId: string; amount: string }[]; reason: string } }; output: { matchId: number; state: 'proposed' | 'accepted' | 'rejected' | 'superseded' | 'cancelled'; rule: 'end-to-end' | 'end-to-end-amount' | 'number' | 'several-numbers' | 'amount' | 'by-hand'; score: number; reasons: ('reference' | 'amount-exact' | 'amount-partial' | 'amount-over' | 'payee-account' | 'payee-account-unknown' | 'payer-account' | 'payer-name' | 'document-number' | 'payment-day' | 'statement-unbalanced')[]; parts: { noteId: string; receivableId: string; payee: number; amount: string; intentId: string | null; settledNoteId: string | null; progress: 'waiting' | 'ordered' | 'settled' }[]; entry: { entryId: number; digest: string; account: string; currency: string; amount: string; effect: 'credit' | 'debit'; isReversal: boolean; status: string; day: string | null; finding: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note'; allocated: string; statementId: string; reversalOf: number | null; details: unknown }; isByRule: boolean; decision: string | null; decidedAt: string | null; createdAt: string } }
  /** Accept a proposed match. */
  acceptMatch: { input: { matchId: string; body: { reason: string } }; output: { matchId: number; state: 'proposed' | 'accepted' | 'rejected' | 'superseded' | 'cancelled'; rule: 'end-to-end' | 'end-to-end-amount' | 'number' | 'several-numbers' | 'amount' | 'by-hand'; score: number; reasons: ('reference' | 'amount-exact' | 'amount-partial' | 'amount-over' | 'payee-account' | 'payee-account-unknown' | 'payer-account' | 'payer-name' | 'document-number' | 'payment-day' | 'statement-unbalanced')[]; parts: { noteId: string; receivableId: string; payee: number; amount: string; intentId: string | null; settledNoteId: string | null; progress: 'waiting' | 'ordered' | 'settled' }[]; entry: { entryId: number; digest: string; account: string; currency: string; amount: string; effect: 'credit' | 'debit'; isReversal: boolean; status: string; day: string | null; finding: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note'; allocated: string; statementId: string; reversalOf: number | null; details: unknown }; isByRule: boolean; decision: string | null; decidedAt: string | null; createdAt: string } }
  /** Reject a match: a proposed one, or an accepted one whose settlement is not ordered yet. */
  rejectMatch: { input: { matchId: string; body: { reason: string } }; output: { matchId: number; state: 'proposed' | 'accepted' | 'rejected' | 'superseded' | 'cancelled'; rule: 'end-to-end' | 'end-to-end-amount' | 'number' | 'several-numbers' | 'amount' | 'by-hand'; score: number; reasons: ('reference' | 'amount-exact' | 'amount-partial' | 'amount-over' | 'payee-account' | 'payee-account-unknown' | 'payer-account' | 'payer-name' | 'document-number' | 'payment-day' | 'statement-unbalanced')[]; parts: { noteId: string; receivableId: string; payee: number; amount: string; intentId: string | null; settledNoteId: string | null; progress: 'waiting' | 'ordered' | 'settled' }[]; entry: { entryId: number; digest: string; account: string; currency: string; amount: string; effect: 'credit' | 'debit'; isReversal: boolean; status: string; day: string | null; finding: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note'; allocated: string; statementId: string; reversalOf: number | null; details: unknown }; isByRule: boolean; decision: string | null; decidedAt: string | null; createdAt: string } }
  /** What no match can put right: duplicate payments, wrong currencies, payments taken back after settlement. */
  listSettlementExceptions: { input: { state?: 'open' | 'closed'; after?: string; limit?: string }; output: { items: { exceptionId: number; kind: 'returned-after-settlement' | 'reversal-unmatched' | 'duplicate-payment' | 'wrong-currency' | 'parts-differ' | 'payee-changed'; state: 'open' | 'closed'; entry: { entryId: number; digest: string; account: string; currency: string; amount: string; effect: 'credit' | 'debit'; isReversal: boolean; status: string; day: string | null; finding: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note'; allocated: string; statementId: string; reversalOf: number | null; details: unknown }; noteIds: string[]; resolution: string | null; createdAt: string }[]; next: number | null } }
  /** Say how an exception was dealt with outside of the registry. */
  closeSettlementException: { input: { exceptionId: string; body: { reason: string } }; output: { exceptionId: number; kind: 'returned-after-settlement' | 'reversal-unmatched' | 'duplicate-payment' | 'wrong-currency' | 'parts-differ' | 'payee-changed'; state: 'open' | 'closed'; entry: { entryId: number; digest: string; account: string; currency: string; amount: string; effect: 'credit' | 'debit'; isReversal: boolean; status: string; day: string | null; finding: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note'; allocated: string; statementId: string; reversalOf: number | null; details: unknown }; noteIds: string[]; resolution: string | null; createdAt: string } }
  /** Settle accepted matches on chain: one intent for up to a hundred notes of one currency. */
  createSettlement: { input: { body: { matches?: number[]; currency?: string } }; output: { intent: Intent; currency: string; amount: string; parts: { matchId: number; entryId: number; entryDigest: string; noteId: string; settledNoteId: string; amount: string; payment: string }[]; held: { matchId: number; noteId: string | null; code: string }[] } }
  /** The books of a day: every cent of your statements and what became of it, and every note that the chain settled. */
  getReconciliation: { input: { day: string; format?: 'json' | 'csv' }; output: { day: string; asOf: { block: number; hash: string; time: number }; accounts: { account: string; currency: string; opening: string | null; closing: string | null; movement: string; isBalanced: boolean | null; totals: { settled: string; settling: string; accepted: string; proposed: string; unapplied: string; 'taken-back': string; 'taking-back': string; 'not-ours': string; difference: string }; lines: { kind: 'settled' | 'settling' | 'accepted' | 'proposed' | 'unapplied' | 'taken-back' | 'taking-back' | 'not-ours' | 'difference'; amount: string; entryId: number | null; digest: string | null; finding: 'matched' | 'proposed' | 'duplicate-payment' | 'wrong-currency' | 'reversal' | 'not-booked' | 'debit' | 'no-amount' | 'parts-differ' | 'no-open-note' | null; remark: string | null; reversal: number | null; noteId: string | null; receivableId: string | null; txHash: string | null; block: number | null }[]; notBooked: { entryId: number; status: string; amount: string }[] }[]; chain: { currency: string; settled: string; withEntry: string; withoutEntry: string; difference: string; isBalanced: boolean; lines: { kind: 'with-entry' | 'without-entry' | 'difference'; amount: string; noteId: string; receivableId: string; payee: number; txHash: string; block: number; entryId: number | null; digest: string | null }[] }[] } }
  /** What happened to what you are a party of, in order: a page, or server-sent events. */
  listEvents: { input: { after?: string; limit?: string }; output: { asOf: { block: number; hash: string; time: number }; items: { id: string; kind: 'added' | 'retracted'; name: string; receivableId: string | null; block: number; blockHash: string; time: number; logIndex: number; txHash: string; address: string; args: unknown; intentId: string | null }[]; next: string; isEnd: boolean } }
  /** Have your events posted to a URL of yours. */
  createWebhook: { input: { body: { url: string; description?: string; from?: string | 'now' } }; output: { endpointId: string; url: string; description: string | null; state: 'active' | 'disabled'; reason: string | null; place: string; failures: number; failingSince: string | null; nextAttemptAt: string; createdAt: string; secret: string } }
  /** Your endpoints, how far each is, and what keeps it. */
  listWebhooks: { input: {  }; output: { items: { endpointId: string; url: string; description: string | null; state: 'active' | 'disabled'; reason: string | null; place: string; failures: number; failingSince: string | null; nextAttemptAt: string; createdAt: string }[] } }
  /** An endpoint of yours. */
  getWebhook: { input: { endpointId: string }; output: { endpointId: string; url: string; description: string | null; state: 'active' | 'disabled'; reason: string | null; place: string; failures: number; failingSince: string | null; nextAttemptAt: string; createdAt: string } }
  /** Every attempt to deliver, the newest first. */
  listWebhookDeliveries: { input: { endpointId: string; before?: string; limit?: string }; output: { items: { deliveryId: string; eventId: string; eventName: string; isReplay: boolean; status: number | null; problem: string | null; durationMs: number; attemptedAt: string }[]; next: string | null } }
  /** Stop delivering; what happens meanwhile waits. */
  disableWebhook: { input: { endpointId: string }; output: { endpointId: string; url: string; description: string | null; state: 'active' | 'disabled'; reason: string | null; place: string; failures: number; failingSince: string | null; nextAttemptAt: string; createdAt: string } }
  /** Deliver again, at once: from where it stopped, or from another place. */
  enableWebhook: { input: { endpointId: string; body: { from?: string | 'now' } }; output: { endpointId: string; url: string; description: string | null; state: 'active' | 'disabled'; reason: string | null; place: string; failures: number; failingSince: string | null; nextAttemptAt: string; createdAt: string } }
  /** Have an event delivered once more, or all after a place, under the ids that they had. */
  replayWebhook: { input: { endpointId: string; body: { event: string } | { after: string } }; output: { endpointId: string; url: string; description: string | null; state: 'active' | 'disabled'; reason: string | null; place: string; failures: number; failingSince: string | null; nextAttemptAt: string; createdAt: string } }
}

export const operations = {
  getHealth: { method: 'GET', path: '/healthz', query: [], answer: 'json' },
  getReadiness: { method: 'GET', path: '/readyz', query: [], answer: 'json' },
  apply: { method: 'POST', path: '/v1/applications', query: [], answer: 'json' },
  listApplications: { method: 'GET', path: '/v1/applications', query: ['state', 'after', 'limit'], answer: 'json' },
  getApplication: { method: 'GET', path: '/v1/applications/{applicationId}', query: [], answer: 'json' },
  createLoginChallenge: { method: 'POST', path: '/v1/login-challenges', query: [], answer: 'json' },
  createSession: { method: 'POST', path: '/v1/sessions', query: [], answer: 'json' },
  renewSession: { method: 'POST', path: '/v1/sessions/renewal', query: [], answer: 'json' },
  endSession: { method: 'DELETE', path: '/v1/sessions/current', query: [], answer: 'json' },
  beginSso: { method: 'POST', path: '/v1/sso/authorizations', query: [], answer: 'json' },
  createSsoSession: { method: 'POST', path: '/v1/sso/sessions', query: [], answer: 'json' },
  listUsers: { method: 'GET', path: '/v1/users', query: [], answer: 'json' },
  createUser: { method: 'POST', path: '/v1/users', query: [], answer: 'json' },
  changeUser: { method: 'POST', path: '/v1/users/{userId}', query: [], answer: 'json' },
  listApiKeys: { method: 'GET', path: '/v1/api-keys', query: [], answer: 'json' },
  createApiKey: { method: 'POST', path: '/v1/api-keys', query: [], answer: 'json' },
  revokeApiKey: { method: 'POST', path: '/v1/api-keys/{keyId}/revocation', query: [], answer: 'json' },
  listManagedKeys: { method: 'GET', path: '/v1/managed-keys', query: [], answer: 'json' },
  createManagedKey: { method: 'POST', path: '/v1/managed-keys', query: [], answer: 'json' },
  listManagedKeyUses: { method: 'GET', path: '/v1/managed-keys/{managedKeyId}/uses', query: ['limit', 'before'], answer: 'json' },
  suspendManagedKey: { method: 'POST', path: '/v1/managed-keys/{managedKeyId}/suspension', query: [], answer: 'json' },
  reinstateManagedKey: { method: 'POST', path: '/v1/managed-keys/{managedKeyId}/reinstatement', query: [], answer: 'json' },
  endManagedKey: { method: 'POST', path: '/v1/managed-keys/{managedKeyId}/ending', query: [], answer: 'json' },
  certifyManagedKey: { method: 'POST', path: '/v1/managed-keys/{managedKeyId}/certificates', query: [], answer: 'json' },
  removeManagedKey: { method: 'POST', path: '/v1/managed-keys/{managedKeyId}/removal', query: [], answer: 'json' },
  listAudit: { method: 'GET', path: '/v1/audit', query: ['after', 'order', 'limit', 'participant'], answer: 'json' },
  listParticipants: { method: 'GET', path: '/v1/participants', query: [], answer: 'json' },
  getMe: { method: 'GET', path: '/v1/me', query: [], answer: 'json' },
  reviewApplication: { method: 'GET', path: '/v1/applications/{applicationId}/review', query: [], answer: 'json' },
  screenApplication: { method: 'POST', path: '/v1/applications/{applicationId}/screening', query: [], answer: 'json' },
  admitApplicant: { method: 'POST', path: '/v1/applications/{applicationId}/admission', query: [], answer: 'json' },
  refuseApplicant: { method: 'POST', path: '/v1/applications/{applicationId}/refusal', query: [], answer: 'json' },
  listStandings: { method: 'GET', path: '/v1/participant-standings', query: [], answer: 'json' },
  getStanding: { method: 'GET', path: '/v1/participants/{participantId}/standing', query: [], answer: 'json' },
  suspendParticipant: { method: 'POST', path: '/v1/participants/{participantId}/suspension', query: [], answer: 'json' },
  reinstateParticipant: { method: 'POST', path: '/v1/participants/{participantId}/reinstatement', query: [], answer: 'json' },
  changeRoles: { method: 'POST', path: '/v1/participants/{participantId}/roles', query: [], answer: 'json' },
  proposeRecovery: { method: 'POST', path: '/v1/participants/{participantId}/recoveries', query: [], answer: 'json' },
  cancelRecovery: { method: 'POST', path: '/v1/participants/{participantId}/recovery-cancellation', query: [], answer: 'json' },
  completeRecovery: { method: 'POST', path: '/v1/participants/{participantId}/recovery-completion', query: [], answer: 'json' },
  listOwnRecoveries: { method: 'GET', path: '/v1/recoveries', query: [], answer: 'json' },
  vetoRecovery: { method: 'POST', path: '/v1/recoveries/veto', query: [], answer: 'json' },
  uploadDocument: { method: 'POST', path: '/v1/documents', query: ['debtor'], answer: 'json' },
  uploadDocumentBatch: { method: 'POST', path: '/v1/document-batches', query: ['debtor', 'mapping'], answer: 'json' },
  getDocument: { method: 'GET', path: '/v1/documents/{documentId}', query: [], answer: 'json' },
  getSealedDocument: { method: 'GET', path: '/v1/documents/{documentId}/sealed', query: [], answer: 'json' },
  addDocumentReader: { method: 'POST', path: '/v1/documents/{documentId}/readers', query: [], answer: 'json' },
  getDocumentView: { method: 'GET', path: '/v1/documents/{documentId}/view', query: [], answer: 'json' },
  listDocumentsBehind: { method: 'GET', path: '/v1/receivables/{receivableId}/documents', query: [], answer: 'json' },
  listDocumentGrants: { method: 'GET', path: '/v1/documents/{documentId}/grants', query: [], answer: 'json' },
  grantDocument: { method: 'POST', path: '/v1/documents/{documentId}/grants', query: [], answer: 'json' },
  withdrawDocumentGrant: { method: 'POST', path: '/v1/documents/{documentId}/grants/{grantId}/withdrawal', query: [], answer: 'json' },
  withdrawDocumentReader: { method: 'POST', path: '/v1/documents/{documentId}/readers/{participantId}/withdrawal', query: [], answer: 'json' },
  registerReceivable: { method: 'POST', path: '/v1/receivables', query: [], answer: 'json' },
  listReceivables: { method: 'GET', path: '/v1/receivables', query: ['role', 'state', 'after', 'limit'], answer: 'json' },
  registerReceivables: { method: 'POST', path: '/v1/receivable-batches', query: [], answer: 'json' },
  confirmReceivables: { method: 'POST', path: '/v1/confirmations', query: [], answer: 'json' },
  issueReceivable: { method: 'POST', path: '/v1/receivables/issuance', query: [], answer: 'json' },
  confirmReceivable: { method: 'POST', path: '/v1/receivables/{receivableId}/confirmation', query: [], answer: 'json' },
  rejectReceivable: { method: 'POST', path: '/v1/receivables/{receivableId}/rejection', query: [], answer: 'json' },
  withdrawReceivable: { method: 'POST', path: '/v1/receivables/{receivableId}/withdrawal', query: [], answer: 'json' },
  disputeReceivable: { method: 'POST', path: '/v1/receivables/{receivableId}/dispute', query: [], answer: 'json' },
  liftDispute: { method: 'POST', path: '/v1/receivables/{receivableId}/dispute-lifting', query: [], answer: 'json' },
  settleReceivable: { method: 'POST', path: '/v1/receivables/{receivableId}/settlement', query: [], answer: 'json' },
  closeReceivable: { method: 'POST', path: '/v1/receivables/{receivableId}/closing', query: [], answer: 'json' },
  getReceivable: { method: 'GET', path: '/v1/receivables/{receivableId}', query: [], answer: 'json' },
  transferNote: { method: 'POST', path: '/v1/notes/{noteId}/transfers', query: [], answer: 'json' },
  acceptNote: { method: 'POST', path: '/v1/notes/{noteId}/acceptance', query: [], answer: 'json' },
  refuseNote: { method: 'POST', path: '/v1/notes/{noteId}/refusal', query: [], answer: 'json' },
  recallNote: { method: 'POST', path: '/v1/notes/{noteId}/recall', query: [], answer: 'json' },
  mergeNotes: { method: 'POST', path: '/v1/notes/{noteId}/merge', query: [], answer: 'json' },
  offerDilution: { method: 'POST', path: '/v1/notes/{noteId}/dilutions', query: [], answer: 'json' },
  acceptDilution: { method: 'POST', path: '/v1/notes/{noteId}/dilution-acceptance', query: [], answer: 'json' },
  lockNote: { method: 'POST', path: '/v1/notes/{noteId}/locks', query: [], answer: 'json' },
  unlockNote: { method: 'POST', path: '/v1/notes/{noteId}/unlock', query: [], answer: 'json' },
  financeNote: { method: 'POST', path: '/v1/notes/{noteId}/financing', query: [], answer: 'json' },
  releaseNote: { method: 'POST', path: '/v1/notes/{noteId}/release', query: [], answer: 'json' },
  forecloseNote: { method: 'POST', path: '/v1/notes/{noteId}/foreclosure', query: [], answer: 'json' },
  returnNote: { method: 'POST', path: '/v1/notes/{noteId}/returns', query: [], answer: 'json' },
  acceptReturn: { method: 'POST', path: '/v1/notes/{noteId}/return-acceptance', query: [], answer: 'json' },
  settleNote: { method: 'POST', path: '/v1/notes/{noteId}/settlement', query: [], answer: 'json' },
  freezeNote: { method: 'POST', path: '/v1/notes/{noteId}/freezes', query: [], answer: 'json' },
  unfreezeNote: { method: 'POST', path: '/v1/notes/{noteId}/unfreeze', query: [], answer: 'json' },
  listNotes: { method: 'GET', path: '/v1/notes', query: ['role', 'state', 'after', 'limit'], answer: 'json' },
  getNote: { method: 'GET', path: '/v1/notes/{noteId}', query: [], answer: 'json' },
  getReceivableHistory: { method: 'GET', path: '/v1/receivables/{receivableId}/history', query: ['after', 'limit'], answer: 'json' },
  getReceivableLineage: { method: 'GET', path: '/v1/receivables/{receivableId}/lineage', query: [], answer: 'json' },
  getNoteHistory: { method: 'GET', path: '/v1/notes/{noteId}/history', query: ['after', 'limit'], answer: 'json' },
  getNoteLineage: { method: 'GET', path: '/v1/notes/{noteId}/lineage', query: [], answer: 'json' },
  getPayables: { method: 'GET', path: '/v1/positions/payables', query: [], answer: 'json' },
  getHoldings: { method: 'GET', path: '/v1/positions/holdings', query: [], answer: 'json' },
  listHeldNotes: { method: 'GET', path: '/v1/positions/holdings/notes', query: ['obstacle', 'after', 'limit'], answer: 'json' },
  listUnconfirmed: { method: 'GET', path: '/v1/positions/unconfirmed', query: ['days', 'after', 'limit'], answer: 'json' },
  createOrder: { method: 'POST', path: '/v1/orders', query: [], answer: 'json' },
  getSealedOrder: { method: 'GET', path: '/v1/orders/{orderId}/sealed', query: [], answer: 'json' },
  search: { method: 'GET', path: '/v1/search', query: ['q'], answer: 'json' },
  getEvidenceCheck: { method: 'GET', path: '/v1/evidence-checks/{digest}', query: [], answer: 'json' },
  checkEvidence: { method: 'POST', path: '/v1/evidence-checks', query: [], answer: 'json' },
  getStatistics: { method: 'GET', path: '/v1/statistics', query: ['from', 'to'], answer: 'json' },
  listOutstanding: { method: 'GET', path: '/v1/outstanding-notes', query: ['currency', 'tier', 'state', 'debtor', 'group', 'month', 'overdue', 'only', 'after', 'limit'], answer: 'json' },
  exportRows: { method: 'GET', path: '/v1/exports/{dataset}', query: ['format', 'after'], answer: 'bytes' },
  getAssignmentNotice: { method: 'GET', path: '/v1/notes/{noteId}/assignment-notice', query: ['format'], answer: 'bytes' },
  claimFingerprint: { method: 'POST', path: '/v1/fingerprints/{fingerprint}/claim', query: [], answer: 'json' },
  releaseFingerprint: { method: 'POST', path: '/v1/fingerprints/{fingerprint}/release', query: [], answer: 'json' },
  listAlarms: { method: 'GET', path: '/v1/alarms', query: ['receivableId', 'documentId', 'state', 'after', 'limit'], answer: 'json' },
  getAlarm: { method: 'GET', path: '/v1/alarms/{alarmId}', query: [], answer: 'json' },
  decideAlarm: { method: 'POST', path: '/v1/alarms/{alarmId}/decisions', query: [], answer: 'json' },
  getAlarmThresholds: { method: 'GET', path: '/v1/alarm-thresholds', query: [], answer: 'json' },
  setAlarmThresholds: { method: 'POST', path: '/v1/alarm-thresholds', query: [], answer: 'json' },
  requestFunding: { method: 'POST', path: '/v1/funding-requests', query: [], answer: 'json' },
  listFundingRequests: { method: 'GET', path: '/v1/funding-requests', query: ['role', 'noteId', 'state', 'before', 'limit'], answer: 'json' },
  getFundingRequest: { method: 'GET', path: '/v1/funding-requests/{requestId}', query: [], answer: 'json' },
  withdrawFundingRequest: { method: 'POST', path: '/v1/funding-requests/{requestId}/withdrawal', query: [], answer: 'json' },
  giveQuote: { method: 'POST', path: '/v1/funding-requests/{requestId}/quotes', query: [], answer: 'json' },
  getQuote: { method: 'GET', path: '/v1/quotes/{quoteId}', query: [], answer: 'json' },
  getQuoteEvidence: { method: 'GET', path: '/v1/quotes/{quoteId}/evidence', query: ['since'], answer: 'bytes' },
  signQuote: { method: 'POST', path: '/v1/quotes/{quoteId}/signatures', query: [], answer: 'json' },
  withdrawQuote: { method: 'POST', path: '/v1/quotes/{quoteId}/withdrawal', query: [], answer: 'json' },
  acceptQuote: { method: 'POST', path: '/v1/quotes/{quoteId}/acceptance', query: [], answer: 'json' },
  listLimits: { method: 'GET', path: '/v1/limits', query: [], answer: 'json' },
  setLimit: { method: 'POST', path: '/v1/limits', query: [], answer: 'json' },
  checkDuplicates: { method: 'POST', path: '/v1/duplicate-checks', query: [], answer: 'json' },
  getBook: { method: 'GET', path: '/v1/book', query: [], answer: 'json' },
  listPositions: { method: 'GET', path: '/v1/book/positions', query: ['after', 'limit'], answer: 'json' },
  listEligibleNotes: { method: 'GET', path: '/v1/eligible-notes', query: ['after', 'limit'], answer: 'json' },
  getIntent: { method: 'GET', path: '/v1/intents/{intentId}', query: [], answer: 'json' },
  listIntents: { method: 'GET', path: '/v1/intents', query: ['limit', 'before'], answer: 'json' },
  signIntent: { method: 'POST', path: '/v1/intents/{intentId}/signatures', query: [], answer: 'json' },
  getReceivableEvidence: { method: 'GET', path: '/v1/receivables/{receivableId}/evidence', query: ['since'], answer: 'bytes' },
  getNoteEvidence: { method: 'GET', path: '/v1/notes/{noteId}/evidence', query: ['since'], answer: 'bytes' },
  getDocumentEvidence: { method: 'GET', path: '/v1/documents/{documentId}/evidence', query: ['since'], answer: 'bytes' },
  getTransactionEvidence: { method: 'GET', path: '/v1/transactions/{txHash}/evidence', query: ['since'], answer: 'bytes' },
  getLogHead: { method: 'GET', path: '/v1/log/head', query: [], answer: 'json' },
  getInclusionProof: { method: 'GET', path: '/v1/log/inclusion', query: ['hash', 'size'], answer: 'json' },
  getConsistencyProof: { method: 'GET', path: '/v1/log/consistency', query: ['from', 'to'], answer: 'json' },
  getTrustAnchors: { method: 'GET', path: '/v1/trust-anchors', query: [], answer: 'json' },
  getFingerprintCertificate: { method: 'GET', path: '/v1/fingerprints/{fingerprint}/certificate', query: [], answer: 'json' },
  getPayToStatement: { method: 'GET', path: '/v1/receivables/{receivableId}/pay-to', query: [], answer: 'json' },
  getNoteProvenance: { method: 'GET', path: '/v1/notes/{noteId}/provenance', query: [], answer: 'json' },
  listMaturities: { method: 'GET', path: '/v1/maturities', query: ['as', 'from', 'to', 'currency', 'convention', 'after', 'limit'], answer: 'json' },
  createPaymentRun: { method: 'POST', path: '/v1/payment-runs', query: [], answer: 'json' },
  listPaymentRuns: { method: 'GET', path: '/v1/payment-runs', query: ['limit'], answer: 'json' },
  getPaymentRun: { method: 'GET', path: '/v1/payment-runs/{runId}', query: [], answer: 'json' },
  downloadPaymentOrder: { method: 'GET', path: '/v1/payment-runs/{runId}/pain.001', query: [], answer: 'bytes' },
  cancelPaymentRun: { method: 'POST', path: '/v1/payment-runs/{runId}/cancellation', query: [], answer: 'json' },
  uploadStatement: { method: 'POST', path: '/v1/statements', query: ['mapping'], answer: 'json' },
  listStatements: { method: 'GET', path: '/v1/statements', query: ['limit'], answer: 'json' },
  getStatement: { method: 'GET', path: '/v1/statements/{statementId}', query: [], answer: 'json' },
  listStatementEntries: { method: 'GET', path: '/v1/statement-entries', query: ['day', 'finding', 'statementId', 'after', 'limit'], answer: 'json' },
  listMatches: { method: 'GET', path: '/v1/matches', query: ['state', 'entryId', 'statementId', 'after', 'limit'], answer: 'json' },
  matchByHand: { method: 'POST', path: '/v1/matches', query: [], answer: 'json' },
  acceptMatch: { method: 'POST', path: '/v1/matches/{matchId}/acceptance', query: [], answer: 'json' },
  rejectMatch: { method: 'POST', path: '/v1/matches/{matchId}/rejection', query: [], answer: 'json' },
  listSettlementExceptions: { method: 'GET', path: '/v1/settlement-exceptions', query: ['state', 'after', 'limit'], answer: 'json' },
  closeSettlementException: { method: 'POST', path: '/v1/settlement-exceptions/{exceptionId}/closing', query: [], answer: 'json' },
  createSettlement: { method: 'POST', path: '/v1/settlements', query: [], answer: 'json' },
  getReconciliation: { method: 'GET', path: '/v1/reconciliation/{day}', query: ['format'], answer: 'json' },
  listEvents: { method: 'GET', path: '/v1/events', query: ['after', 'limit'], answer: 'json' },
  createWebhook: { method: 'POST', path: '/v1/webhooks', query: [], answer: 'json' },
  listWebhooks: { method: 'GET', path: '/v1/webhooks', query: [], answer: 'json' },
  getWebhook: { method: 'GET', path: '/v1/webhooks/{endpointId}', query: [], answer: 'json' },
  listWebhookDeliveries: { method: 'GET', path: '/v1/webhooks/{endpointId}/deliveries', query: ['before', 'limit'], answer: 'json' },
  disableWebhook: { method: 'POST', path: '/v1/webhooks/{endpointId}/disable', query: [], answer: 'json' },
  enableWebhook: { method: 'POST', path: '/v1/webhooks/{endpointId}/enable', query: [], answer: 'json' },
  replayWebhook: { method: 'POST', path: '/v1/webhooks/{endpointId}/replay', query: [], answer: 'json' }
} as const
