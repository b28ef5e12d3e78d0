/**
 * The standards' values, computed by this very Node before anything is signed. The native route feeds Z‖M to a function
 * that today adds no Z of its own; the day a Node does, this refuses to start instead of making signatures that nobody
 * accepts.
 */
import { sm4Ctr } from '#native'
import { fromHex, toHex, utf8 } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { hmacSm3, sm3 } from './hash.ts'
import { eOf, publicKeyOf, sign, verify, zOf } from './sm2.ts'
import { cipherFromRaw, decryptWith, encryptTo } from './sm2-encryption.ts'
import { newDataKey, open, seal } from './sm4.ts'

const privateKey = '3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8'
const publicKey =
  '09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020' +
  'ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13'
const message = utf8('message digest')
const signature =
  'f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3' +
  'b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa'
const cipher =
  '0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73' +
  'e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0' +
  '59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766' +
  '21886ca989ca9c7d58087307ca93092d651efa'

/** Each check with the source of its value. */
export const selfTests: readonly (readonly [string, () => boolean])[] = [
  [
    'SM3 of GB/T 32905-2016 A.1',
    () => toHex(sm3(utf8('abc'))) === '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'
  ],
  [
    'HMAC-SM3 of GM/T 0042-2015 D.3',
    () =>
      toHex(hmacSm3(utf8('Jefe'), utf8('what do ya want for nothing?'))) ===
      '2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882'
  ],
  [
    // A counter block encrypted over zeros is the block cipher itself.
    'SM4 of GB/T 32907-2016 A.1',
    () => {
      const block = fromHex('0123456789abcdeffedcba9876543210')
      return toHex(sm4Ctr(block, block, new Uint8Array(16))) === '681edf34d206965e86b3e94f536e4246'
    }
  ],
  ['SM2 public key of GB/T 32918.5-2017 A.2', () => toHex(publicKeyOf(fromHex(privateKey))) === publicKey],
  [
    'SM2 Z of GB/T 32918.5-2017 A.2',
    () => toHex(zOf(fromHex(publicKey))) === 'b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3'
  ],
  [
    'SM2 e of GB/T 32918.5-2017 A.2',
    () => toHex(eOf(fromHex(publicKey), message)) === 'f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640'
  ],
  ['SM2 signature of GB/T 32918.5-2017 A.2', () => verify(fromHex(publicKey), message, fromHex(signature))],
  [
    'SM2 signature of another user id',
    () => !verify(fromHex(publicKey), message, fromHex(signature), { userId: 'ALICE123@YAHOO.COM' })
  ],
  [
    'SM2 signing, then verifying',
    () => {
      const made = sign(fromHex(privateKey), message)
      return verify(fromHex(publicKey), message, made) && !verify(fromHex(publicKey), utf8('message digesT'), made)
    }
  ],
  [
    'SM2 ciphertext of GB/T 32918.5-2017 C.2',
    () => isText(decryptWith(fromHex(privateKey), cipherFromRaw(fromHex(cipher))), 'encryption standard')
  ],
  [
    'SM2 encrypting, then decrypting',
    () => isText(decryptWith(fromHex(privateKey), encryptTo(fromHex(publicKey), utf8('encryption'))), 'encryption')
  ],
  [
    'sealing, then opening',
    () => {
      const key = newDataKey()
      return isText(open(key, seal(key, utf8('sealed'), utf8('context')), utf8('context')), 'sealed')
    }
  ]
]

function isText(bytes: Uint8Array, text: string): boolean {
  return toHex(bytes) === toHex(utf8(text))
}

/**
 * To be called before a process signs, verifies or opens anything; takes about a tenth of a second.
 * @throws CryptoError CRYPTO_SELF_TEST_FAILED with the first check that fails
 */
export function selfTest(tests: typeof selfTests = selfTests): void {
  for (const [name, isRight] of tests) {
    let failure: string | undefined
    try {
      if (!isRight()) failure = name
    } catch {
      failure = name
    }
    if (failure !== undefined) throw new CryptoError('CRYPTO_SELF_TEST_FAILED', failure)
  }
}
