import { defineText } from '../i18n/language.ts'

/** What happened, by the contract's event. */
export const eventWords = defineText({
  ReceivableRegistered: { en: 'Registered', zh: '登记' },
  ReceivableIssued: { en: 'Issued by the debtor', zh: '债务人签发' },
  ReceivableConfirmed: { en: 'Confirmed by the debtor', zh: '债务人确权' },
  ReceivableRejected: { en: 'Rejected by the debtor', zh: '债务人拒绝' },
  ReceivableWithdrawn: { en: 'Withdrawn', zh: '撤回登记' },
  ReceivableDisputed: { en: 'Disputed', zh: '提出争议' },
  ReceivableDisputeLifted: { en: 'Dispute lifted', zh: '解除争议' },
  ReceivableSettled: { en: 'All settled', zh: '全部清分' },
  ReceivableClosed: { en: 'Books closed', zh: '结清' },
  FingerprintClaimed: { en: 'Fingerprint claimed', zh: '占用指纹' },
  FingerprintReleased: { en: 'Fingerprint released', zh: '释放指纹' },
  NoteOffered: { en: 'Offered', zh: '发起转让' },
  NoteAccepted: { en: 'Accepted', zh: '签收' },
  NoteRefused: { en: 'Refused', zh: '拒收' },
  NoteRecalled: { en: 'Recalled', zh: '撤回转让' },
  NotesMerged: { en: 'Merged', zh: '合并' },
  NoteDilutionOffered: { en: 'Cancellation offered', zh: '提出冲减' },
  NoteCancelled: { en: 'Cancelled', zh: '冲减' },
  NoteLocked: { en: 'Locked for a factor', zh: '为保理商锁定' },
  NoteUnlocked: { en: 'Unlocked', zh: '解除锁定' },
  NoteFinanced: { en: 'Financed', zh: '放款' },
  NoteReleased: { en: 'Released', zh: '解除质押' },
  NoteForeclosed: { en: 'Foreclosed', zh: '实现质权' },
  NoteReturnOffered: { en: 'Return demanded', zh: '发起追索' },
  NoteReturned: { en: 'Taken back', zh: '回购' },
  NoteFrozen: { en: 'Frozen', zh: '冻结' },
  NoteUnfrozen: { en: 'Freeze lifted', zh: '解除冻结' },
  NoteSettled: { en: 'Settled', zh: '清分' }
})
