import { InstanceError, messageOf } from './errors.ts'

/**
 * One JSON-RPC call to a node.
 * @throws Error with the node's own message, or that of the network
 */
export async function callChain(url: string, method: string, params: unknown[], timeoutMs = 30_000): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(timeoutMs)
  })
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
  return answer.result
}

/**
 * Makes sure that a node given from outside answers.
 * @returns its chain id
 * @throws CHAIN_UNREACHABLE
 */
export async function checkChain(url: string): Promise<number> {
  try {
    return Number(await callChain(url, 'eth_chainId', [], 10_000))
  } catch (error) {
    const cause = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)
    throw new InstanceError(
      'CHAIN_UNREACHABLE',
      `no Ethereum node answers at ${withoutCredentials(url)}: ${cause}`,
      'check RPC_URL and that the node runs, or unset RPC_URL to use the embedded chain'
    )
  }
}

/** A URL fit for a log line: without user, password and query. */
export function withoutCredentials(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
  } catch {
    return 'the given URL (not a valid one)'
  }
}
