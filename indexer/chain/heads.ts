/** News of new blocks by `eth_subscribe` over a websocket. It only wakes: what is projected is asked for and checked as ever. */

/** How long to wait before a lost or refused subscription is tried again. */
const RETRY_MS = { first: 1_000, most: 30_000 }

export interface Heads {
  /** Whether the node tells new blocks by itself, so that polling is only a check. */
  isSubscribed(): boolean
  /** Resolves when a block is told, or one was since the last wait (`told`), and after `ms` (`timeout`) or at the abort. */
  wait(ms: number, signal: AbortSignal): Promise<'told' | 'timeout'>
  /** A poll found a block that nobody told: the connection may be dead without a sign. A new one is made. */
  doubt(): void
  close(): void
}

/** Subscribes at a websocket URL when it is first waited for, and goes on trying; with none, `wait` is a sleep. */
export function createHeads(url: string | undefined): Heads {
  let socket: WebSocket | undefined
  let isSubscribed = false
  let isClosed = false
  let wasTold = false
  let wake: (() => void) | undefined
  let retry = RETRY_MS.first
  let timer: NodeJS.Timeout | undefined
  let isWanted = false

  function connect(): void {
    if (isClosed || url === undefined) return
    const mine = new WebSocket(url)
    socket = mine
    const lost = () => {
      if (socket === mine) again()
    }
    mine.addEventListener('open', () =>
      mine.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] }))
    )
    mine.addEventListener('message', ({ data }) => {
      const message = parse(data)
      if (message?.id === 1 && typeof message.result === 'string') {
        isSubscribed = true
        retry = RETRY_MS.first
        // Blocks may have come before the subscription stood.
        tell()
      } else if (message?.id === 1) mine.close()
      else if (message?.method === 'eth_subscription') tell()
    })
    mine.addEventListener('close', lost)
    mine.addEventListener('error', lost)
  }

  function again(): void {
    socket = undefined
    isSubscribed = false
    timer = setTimeout(connect, retry)
    timer.unref()
    retry = Math.min(2 * retry, RETRY_MS.most)
  }

  function tell(): void {
    wasTold = true
    wake?.()
  }

  return {
    isSubscribed: () => isSubscribed,
    wait(ms, signal) {
      if (!isWanted) connect()
      isWanted = true
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timeout)
          signal.removeEventListener('abort', end)
          wake = undefined
          resolve(wasTold ? 'told' : 'timeout')
          wasTold = false
        }
        const timeout = setTimeout(end, ms)
        wake = end
        signal.addEventListener('abort', end)
        if (wasTold || signal.aborted) end()
      })
    },
    doubt() {
      // It was told a moment later.
      if (wasTold || !socket) return
      // Whoever says nothing may not answer the goodbye either.
      socket.close()
      again()
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      socket?.close()
    }
  }
}

interface Message {
  id?: unknown
  method?: unknown
  result?: unknown
}

function parse(data: unknown): Message | undefined {
  try {
    const message = JSON.parse(String(data)) as Message | null
    return typeof message === 'object' && message !== null ? message : undefined
  } catch {
    return undefined
  }
}
