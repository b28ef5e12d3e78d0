/**
 * Who may call what: the one table of routes by role and by permission. The hook that lets a request in, the matrix test and docs/ACCESS.md
 * are made from it. A route of /v1 without a row is for nobody (test/api/access.test.ts names it).
 *
 * A role is what the participant is in the registry, a permission what the credential in hand may do for it; both have to fit. Whatever
 * moves a note needs, beyond that, the signatures of the participant's own keys, which the contracts check.
 */
import type { Role } from '../../domain/participant/roles.ts'

/** What a credential may do for its participant. */
export const permissions = ['read', 'propose', 'sign', 'administer'] as const
export type Permission = (typeof permissions)[number]

/** What a user does in its firm. */
export const duties = {
  viewer: ['read'],
  maker: ['read', 'propose', 'sign'],
  checker: ['read', 'sign'],
  admin: ['read', 'administer']
} as const satisfies Record<string, readonly Permission[]>
export type Duty = keyof typeof duties

/** What an API key can be given: a program never administers. */
export const keyScopes = ['read', 'propose', 'sign'] as const satisfies readonly Permission[]
export type KeyScope = (typeof keyScopes)[number]

export function permissionsOf(held: readonly Duty[]): Permission[] {
  return permissions.filter((permission) =>
    held.some((duty) => (duties[duty] as readonly Permission[]).includes(permission))
  )
}

export interface Rule {
  /** One of these the participant has to have; none: any participant. */
  roles?: readonly Role[]
  needs: Permission | 'nothing'
  /** Whether a read is written down: always, never, or (without this) by regulators and clearing agents, who read others' data. Writes are. */
  audit?: 'always' | 'never'
  /** Proposed by a suspended participant too: what guards its own keys. */
  whileSuspended?: true
  /** Whether it takes the session back that it came with. */
  endsSession?: boolean
}

/** Who may come to hold a note. */
const holders = ['supplier', 'factor', 'debtor'] as const
const read: Rule = { needs: 'read' }
const propose = (...roles: Role[]): Rule => (roles.length > 0 ? { roles, needs: 'propose' } : { needs: 'propose' })
/** What a clearing bank brought itself: no data of others, and looked at all day. */
const ownBooks: Rule = { roles: ['clearing'], needs: 'read', audit: 'never' }
const open: Rule = { needs: 'nothing' }
const administer: Rule = { needs: 'administer' }

/** By operation id. */
export const rules: Readonly<Record<string, Rule>> = {
  getLogHead: open,
  getInclusionProof: open,
  getConsistencyProof: open,
  getTrustAnchors: open,
  apply: open,
  getApplication: open,
  createLoginChallenge: open,
  createSession: open,
  beginSso: open,
  createSsoSession: open,

  listApplications: { roles: ['registrar'], needs: 'read', audit: 'always' },
  reviewApplication: { roles: ['registrar'], needs: 'read', audit: 'always' },
  screenApplication: propose('registrar'),
  admitApplicant: propose('registrar'),
  refuseApplicant: propose('registrar'),
  listStandings: { roles: ['registrar'], needs: 'read', audit: 'always' },
  getStanding: { roles: ['registrar'], needs: 'read', audit: 'always' },
  suspendParticipant: propose('registrar'),
  reinstateParticipant: propose('registrar'),
  changeRoles: propose('registrar'),
  proposeRecovery: propose('registrar'),
  cancelRecovery: propose('registrar'),
  completeRecovery: propose('registrar'),
  listOwnRecoveries: read,
  vetoRecovery: { ...propose(), whileSuspended: true },

  listParticipants: { ...read, audit: 'never' },
  getMe: { ...read, audit: 'never' },
  getDocument: read,
  // Also by whom it was granted to.
  getDocumentView: { ...read, audit: 'always' },
  listDocumentsBehind: { ...read, audit: 'always' },
  listDocumentGrants: read,
  getSealedDocument: { ...read, audit: 'always' },
  listReceivables: read,
  getReceivable: read,
  getReceivableHistory: read,
  listNotes: read,
  getNote: read,
  getAssignmentNotice: read,
  listAlarms: read,
  getAlarm: read,
  getAlarmThresholds: { ...read, audit: 'never' },
  getIntent: { ...read, audit: 'never' },
  listIntents: { ...read, audit: 'never' },
  getReceivableEvidence: read,
  getNoteEvidence: read,
  getDocumentEvidence: read,
  getTransactionEvidence: read,
  getReceivableLineage: read,
  getNoteHistory: read,
  getNoteLineage: read,
  getPayables: { roles: ['debtor'], needs: 'read' },
  getHoldings: read,
  listHeldNotes: read,
  listUnconfirmed: read,
  search: read,
  getEvidenceCheck: read,
  checkEvidence: read,
  getStatistics: { roles: ['regulator'], needs: 'read' },
  listOutstanding: { roles: ['regulator'], needs: 'read' },
  exportRows: { ...read, audit: 'always' },
  getSealedOrder: { roles: ['regulator'], needs: 'read', audit: 'always' },
  listEvents: read,
  getFingerprintCertificate: read,
  getPayToStatement: read,
  getNoteProvenance: read,

  uploadDocument: propose(),
  uploadDocumentBatch: propose(),
  addDocumentReader: propose(),
  withdrawDocumentReader: propose(),
  grantDocument: propose(),
  withdrawDocumentGrant: propose(),
  registerReceivable: propose('supplier'),
  registerReceivables: propose('supplier'),
  issueReceivable: propose('debtor'),
  createOrder: propose('regulator'),
  confirmReceivable: propose('debtor'),
  confirmReceivables: propose('debtor'),
  rejectReceivable: propose('debtor'),
  withdrawReceivable: propose('supplier'),
  disputeReceivable: propose('debtor'),
  liftDispute: propose('debtor', 'regulator'),
  settleReceivable: propose('clearing'),
  closeReceivable: propose(),

  transferNote: propose(...holders),
  acceptNote: propose(...holders),
  refuseNote: propose(...holders),
  recallNote: propose(...holders),
  mergeNotes: propose(...holders),
  offerDilution: propose('supplier'),
  acceptDilution: propose('debtor'),
  lockNote: propose(...holders),
  unlockNote: propose(...holders),
  financeNote: propose('factor'),
  releaseNote: propose('factor'),
  forecloseNote: propose('factor'),
  returnNote: propose('factor'),
  acceptReturn: propose(...holders),
  settleNote: propose('clearing'),
  freezeNote: propose('regulator'),
  unfreezeNote: propose('regulator'),

  requestFunding: propose(...holders),
  withdrawFundingRequest: propose(...holders),
  listFundingRequests: read,
  getFundingRequest: read,
  giveQuote: propose('factor'),
  signQuote: { roles: ['factor'], needs: 'sign' },
  withdrawQuote: propose('factor'),
  acceptQuote: propose(...holders),
  getQuote: read,
  getQuoteEvidence: read,
  listEligibleNotes: { roles: holders, needs: 'read' },
  getBook: { roles: ['factor'], needs: 'read' },
  listPositions: { roles: ['factor'], needs: 'read' },
  listLimits: { roles: ['factor'], needs: 'read' },
  setLimit: propose('factor'),
  // A question, which is logged and counted.
  checkDuplicates: { roles: ['factor'], needs: 'read' },

  listMaturities: read,
  createPaymentRun: propose('debtor'),
  cancelPaymentRun: propose('debtor'),
  listPaymentRuns: { roles: ['debtor'], needs: 'read' },
  getPaymentRun: { roles: ['debtor'], needs: 'read' },
  downloadPaymentOrder: { roles: ['debtor'], needs: 'read' },
  uploadStatement: propose('clearing'),
  listStatements: ownBooks,
  getStatement: ownBooks,
  listStatementEntries: ownBooks,
  listMatches: ownBooks,
  matchByHand: propose('clearing'),
  acceptMatch: propose('clearing'),
  rejectMatch: propose('clearing'),
  listSettlementExceptions: ownBooks,
  closeSettlementException: propose('clearing'),
  createSettlement: propose('clearing'),
  getReconciliation: { roles: ['clearing'], needs: 'read' },

  claimFingerprint: propose('factor'),
  releaseFingerprint: propose('factor'),
  decideAlarm: propose(),
  setAlarmThresholds: propose('factor', 'clearing'),

  signIntent: { needs: 'sign' },

  createWebhook: propose(),
  disableWebhook: propose(),
  enableWebhook: propose(),
  replayWebhook: propose(),
  listWebhooks: { ...read, audit: 'never' },
  getWebhook: { ...read, audit: 'never' },
  listWebhookDeliveries: { ...read, audit: 'never' },

  renewSession: { ...read, endsSession: true },
  endSession: { ...read, endsSession: true },
  listAudit: read,
  listUsers: administer,
  createUser: administer,
  changeUser: administer,
  listApiKeys: administer,
  createApiKey: administer,
  revokeApiKey: administer,

  // Who does not administer sees its own.
  listManagedKeys: read,
  listManagedKeyUses: read,
  createManagedKey: administer,
  suspendManagedKey: administer,
  reinstateManagedKey: administer,
  endManagedKey: administer,
  certifyManagedKey: administer,
  removeManagedKey: administer
}
