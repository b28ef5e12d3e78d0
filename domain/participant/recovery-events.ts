/** What an account tells of a proposal (IParticipantAccount): that it waits for the account's veto, and that it is over. */
export const recoveryEvents = ['RecoveryStarted', 'RecoveryEnded'] as const
export type RecoveryEvent = (typeof recoveryEvents)[number]
