import { createServer, type Server } from 'node:http'
import { Provider } from 'oidc-provider'
import { freePort } from '../../scripts/instance/ports.ts'

/** A real OpenID provider in this process, with its own pages for people: anybody may log in as whoever they say. */
export interface IdentityProvider {
  issuer: string
  clientId: string
  clientSecret: string
  redirectUri: string
  /** Does what a browser and a person would do: from the address to the code and state that come back. */
  signIn(url: string, login: string): Promise<{ code: string; state: string }>
  stop(): Promise<void>
}

export async function startProvider(): Promise<IdentityProvider> {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const client = {
    clientId: 'tallystick',
    clientSecret: 'a-secret-of-the-test',
    redirectUri: 'http://127.0.0.1:9/signed-in'
  }
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [client.redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code']
      }
    ],
    pkce: { required: () => true },
    cookies: { keys: ['of the test'] },
    features: { devInteractions: { enabled: true } }
  })
  const server: Server = createServer(provider.callback())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    issuer,
    ...client,
    signIn: (url, login) => signIn(url, login, client.redirectUri),
    stop: () => new Promise((resolve) => server.close(() => resolve()))
  }
}

async function signIn(url: string, login: string, redirectUri: string): Promise<{ code: string; state: string }> {
  const cookies = new Map<string, string>()
  const visit = async (address: string, form?: Record<string, string>): Promise<Response> => {
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }
    const init: RequestInit = form
      ? { method: 'POST', headers, body: new URLSearchParams(form), redirect: 'manual' }
      : { headers, redirect: 'manual' }
    const answer = await fetch(address, init)
    for (const line of answer.headers.getSetCookie()) {
      const [name, ...value] = line.split(';')[0]!.split('=')
      cookies.set(name!, value.join('='))
    }
    return answer
  }
  let answer = await visit(url)
  for (let step = 0; step < 12; step++) {
    const location = answer.headers.get('location')
    if (location?.startsWith(redirectUri)) {
      const back = new URL(location).searchParams
      return { code: back.get('code') ?? '', state: back.get('state') ?? '' }
    }
    if (location) {
      answer = await visit(new URL(location, url).toString())
      continue
    }
    const page = await answer.text()
    const action = /action="([^"]+)"/.exec(page)?.[1]
    if (!action) throw new Error(`the provider shows neither a form nor a way on: ${page.slice(0, 300)}`)
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? 'login'
    answer = await visit(new URL(action, url).toString(), { prompt, login, password: 'anything' })
  }
  throw new Error('the provider goes round in circles')
}
