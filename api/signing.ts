import { readFile } from 'node:fs/promises'
import { getBytes } from 'ethers'
import { parseCertificate } from '../domain/crypto/certificate.ts'
import { keyIdOf } from '../domain/crypto/envelope.ts'
import { signerOf, SoftwareKeyStore } from '../domain/crypto/key-store.ts'
import { fromPem } from '../domain/crypto/pem.ts'
import type { CertifiedSigner } from '../domain/evidence/signed.ts'
import { readKey, type SigningFiles } from './config.ts'

/**
 * Opens the store and takes the key of the certificate. An HSM takes the store's place here.
 * @throws Error that names the file and why: a process that can't sign must not start
 */
export async function openSigner(files: SigningFiles): Promise<CertifiedSigner> {
  const { keyStoreFile, keyEncryptionKeyFile, certificateFile } = files
  const keyEncryptionKey = await from(keyEncryptionKeyFile, async (file) => getBytes(await readKey(file)))
  const store = await from(keyStoreFile, async (file) => {
    return SoftwareKeyStore.fromFile(new Uint8Array(await readFile(file)), { keyEncryptionKey })
  })
  const [certificate, ...intermediates] = await from(certificateFile, async (file) => {
    const blocks = fromPem(await readFile(file, 'utf8'))
    const ders = blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ der }) => der)
    if (!ders[0]) throw new Error('no certificate in the text')
    return ders as [Uint8Array, ...Uint8Array[]]
  })
  const keyId = keyIdOf(parseCertificate(certificate).publicKey)
  return from(keyStoreFile, async () => ({ ...(await signerOf(store, keyId)), certificate, intermediates }))
}

async function from<T>(file: string, work: (file: string) => Promise<T>): Promise<T> {
  try {
    return await work(file)
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    throw new Error(`${file} can't be used for signing: ${code ? `${code}: ` : ''}${message}`, { cause: error })
  }
}
