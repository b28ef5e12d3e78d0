/** Signing in with a key file. Apart from the session, so that a page that shows the form has not loaded any cryptography yet. */
import { Api } from '../../client/api.ts'
import { openKeyFile, parseKeyFile, signerOfFile, type KeyFile } from '../../client/key-file.ts'
import { logIn } from '../../client/login.ts'
import { begin } from './session.ts'

export { parseKeyFile }

/** @throws KeyFileError, ProblemError, ApiUnreachable */
export async function signInWithKeyFile(keyFile: KeyFile, passphrase: string): Promise<void> {
  const { participantId, registry } = keyFile
  const signer = signerOfFile(keyFile, await openKeyFile(keyFile, passphrase))
  const { token, expiresAt } = await logIn(
    new Api({ baseUrl: '' }),
    { participantId, chainId: registry.chainId },
    signer
  )
  await begin({ credential: token, expiresAt, keyFile })
}
