/** The few choices of a quote, without its shape: what forms offer. */
import type { LockPurpose } from '../intent/commands.ts'

/** In which way a factor finances: without recourse, with recourse to the holder, or lending on a pledge. */
export const fundingKinds = ['assignment', 'recourse-assignment', 'pledge'] as const satisfies readonly LockPurpose[]
export type FundingKind = (typeof fundingKinds)[number]

/** When a charge is paid: out of the advance, or out of what is left when the debtor has paid. */
export const dues = ['funding', 'maturity'] as const
export type Due = (typeof dues)[number]

/** Actual days over a year of 360 or of 365 days. */
export const dayCounts = ['ACT/360', 'ACT/365'] as const
export type DayCount = (typeof dayCounts)[number]
