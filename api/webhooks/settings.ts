export interface WebhookSettings {
  /** Development: `http` and addresses of this machine may be delivered to. Never in production. */
  allowLoopback: boolean
  /** An endpoint must have answered after so long, milliseconds. */
  timeoutMs: number
  /** The wait after the first failure; each further one is four times as long, up to the longest. Milliseconds. */
  firstRetryMs: number
  longestRetryMs: number
  /** An endpoint that failed for so long without a success is disabled, milliseconds. */
  disableAfterMs: number
  /** Endpoints of one participant. */
  perParticipant: number
}

export const webhookDefaults: WebhookSettings = {
  allowLoopback: false,
  timeoutMs: 10_000,
  firstRetryMs: 5_000,
  longestRetryMs: 4 * 3_600_000,
  disableAfterMs: 3 * 86_400_000,
  perParticipant: 10
}

/** How long to wait after so many failures in a row: half of it fixed, half by chance, so that endpoints don't come in step. */
export function retryDelay(failures: number, { firstRetryMs, longestRetryMs }: WebhookSettings): number {
  const whole = Math.min(longestRetryMs, firstRetryMs * 4 ** Math.min(failures - 1, 20))
  return Math.round(whole * (0.5 + Math.random() / 2))
}
