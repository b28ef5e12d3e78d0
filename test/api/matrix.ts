/** Commands by role, written down anew beside api/access/rules.ts: a test holds one against the other. */
import type { Registered } from './instance.ts'

/** Who calls, the path, and the roles that it lacks: every command that is not everybody's. */
export function commandsOfOthers(own: Registered, unknown: string): (readonly [string, string, string[]])[] {
  const holders = ['supplier', 'factor', 'debtor']
  const receivable = `/v1/receivables/${own.receivableId}`
  const ofReceivable: Record<string, [string, string[]]> = {
    confirmation: ['alder', ['debtor']],
    rejection: ['alder', ['debtor']],
    withdrawal: ['meridian', ['supplier']],
    dispute: ['alder', ['debtor']],
    'dispute-lifting': ['alder', ['debtor', 'regulator']],
    settlement: ['meridian', ['clearing']]
  }
  const ofNote: Record<string, [string, string[]]> = {
    transfers: ['regulator', holders],
    acceptance: ['jiangan', holders],
    refusal: ['jiangan', holders],
    recall: ['regulator', holders],
    merge: ['regulator', holders],
    dilutions: ['meridian', ['supplier']],
    'dilution-acceptance': ['alder', ['debtor']],
    locks: ['regulator', holders],
    unlock: ['jiangan', holders],
    financing: ['alder', ['factor']],
    release: ['alder', ['factor']],
    foreclosure: ['alder', ['factor']],
    returns: ['alder', ['factor']],
    'return-acceptance': ['regulator', holders],
    settlement: ['alder', ['clearing']],
    freezes: ['jiangan', ['regulator']],
    unfreeze: ['alder', ['regulator']]
  }
  const ofFingerprint: Record<string, [string, string[]]> = {
    claim: ['alder', ['factor']],
    release: ['alder', ['factor']]
  }
  const under = (base: string, verbs: typeof ofNote): [string, string, string[]][] =>
    Object.entries(verbs).map(([verb, [as, required]]) => [as, `${base}/${verb}`, required])
  const onlyClearing = (path: string): [string, string, string[]] => ['meridian', `/v1/${path}`, ['clearing']]
  return [
    ['lindqvist', '/v1/receivables', ['supplier']] as const,
    ['lindqvist', '/v1/receivable-batches', ['supplier']] as const,
    ['alder', '/v1/confirmations', ['debtor']] as const,
    ['alder', '/v1/receivables/issuance', ['debtor']] as const,
    ...under(receivable, ofReceivable),
    ...under(`/v1/notes/${own.rootNote}`, ofNote),
    ...under(`/v1/fingerprints/0x0001${'0'.repeat(60)}`, ofFingerprint),
    ['alder', '/v1/alarm-thresholds', ['factor', 'clearing']] as const,
    ['alder', '/v1/orders', ['regulator']] as const,
    ['regulator', '/v1/funding-requests', holders] as const,
    ['regulator', `/v1/funding-requests/${unknown}/withdrawal`, holders] as const,
    ['alder', `/v1/funding-requests/${unknown}/quotes`, ['factor']] as const,
    ['alder', `/v1/quotes/${unknown}/signatures`, ['factor']] as const,
    ['alder', `/v1/quotes/${unknown}/withdrawal`, ['factor']] as const,
    ['regulator', `/v1/quotes/${unknown}/acceptance`, holders] as const,
    ['alder', '/v1/limits', ['factor']] as const,
    ['alder', '/v1/duplicate-checks', ['factor']] as const,
    ['alder', '/v1/payment-runs', ['debtor']] as const,
    ['jiangan', `/v1/payment-runs/${unknown}/cancellation`, ['debtor']] as const,
    ...['statements', 'matches', 'matches/1/acceptance', 'matches/1/rejection'].map(onlyClearing),
    ...['settlement-exceptions/1/closing', 'settlements'].map(onlyClearing),
    ...['screening', 'admission', 'refusal'].map((verb): [string, string, string[]] => [
      'alder',
      `/v1/applications/${unknown}/${verb}`,
      ['registrar']
    ]),
    ...['suspension', 'reinstatement', 'roles', 'recoveries', 'recovery-cancellation', 'recovery-completion'].map(
      (verb): [string, string, string[]] => ['regulator', `/v1/participants/2/${verb}`, ['registrar']]
    )
  ]
}

/** What every participant may do: upload, sign, decide on alarms, close the books of what it sees, ask of a file, and be told by webhooks. */
export const openCommands = [
  'uploadDocument',
  'uploadDocumentBatch',
  'addDocumentReader',
  'withdrawDocumentReader',
  'grantDocument',
  'withdrawDocumentGrant',
  'signIntent',
  'decideAlarm',
  'closeReceivable',
  'checkEvidence',
  'createWebhook',
  'disableWebhook',
  'enableWebhook',
  'replayWebhook',
  'vetoRecovery'
]
