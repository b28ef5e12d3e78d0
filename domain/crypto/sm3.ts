/**
 * SM3 (GB/T 32905-2016) in TypeScript. For browsers, whose WebCrypto has none, and for what is short everywhere: a call into OpenSSL
 * costs more than the few blocks of a tree node, a keyed hash or a salted commitment (bench/guomi). There are no tables and no branches
 * on data, so that time tells lengths only.
 */

export const SM3_BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const LENGTH_BYTES = 8

/** §4.1 */
const INITIAL = Int32Array.of(
  0x7380166f,
  0x4914b2b9,
  0x172442d7,
  0xda8a0600,
  0xa96f30bc,
  0x163138aa,
  0xe38dee4d,
  0xb0fb0e4e
)

/** §4.2: T rotated as round j uses it. */
const constants = Int32Array.from({ length: 64 }, (_, j) => {
  const [word, by] = [j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32]
  return (word << by) | (word >>> (32 - by))
})

/** The words of the block in work: one compression at a time, which waits for nothing. */
const words = new Int32Array(68)

/**
 * §5.3.2 and §5.3.3: one block into the state. Rotations are written out and the two kinds of rounds have loops of their own: that
 * makes it ten times as fast.
 */
function compress(state: Int32Array, block: Uint8Array, from: number): void {
  for (let j = 0, at = from; j < 16; j++, at += 4) {
    words[j] = (block[at]! << 24) | (block[at + 1]! << 16) | (block[at + 2]! << 8) | block[at + 3]!
  }
  for (let j = 16; j < 68; j++) {
    const [late, early] = [words[j - 3]!, words[j - 13]!]
    const x = words[j - 16]! ^ words[j - 9]! ^ ((late << 15) | (late >>> 17))
    const mixed = x ^ ((x << 15) | (x >>> 17)) ^ ((x << 23) | (x >>> 9))
    words[j] = mixed ^ ((early << 7) | (early >>> 25)) ^ words[j - 6]!
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let j = 0; j < 16; j++) {
    const turned = (a << 12) | (a >>> 20)
    const sum = (turned + e + constants[j]!) | 0
    const ss1 = (sum << 7) | (sum >>> 25)
    const tt1 = ((a ^ b ^ c) + d + (ss1 ^ turned) + (words[j]! ^ words[j + 4]!)) | 0
    const tt2 = ((e ^ f ^ g) + h + ss1 + words[j]!) | 0
    d = c
    c = (b << 9) | (b >>> 23)
    b = a
    a = tt1
    h = g
    g = (f << 19) | (f >>> 13)
    f = e
    e = tt2 ^ ((tt2 << 9) | (tt2 >>> 23)) ^ ((tt2 << 17) | (tt2 >>> 15))
  }
  for (let j = 16; j < 64; j++) {
    const turned = (a << 12) | (a >>> 20)
    const sum = (turned + e + constants[j]!) | 0
    const ss1 = (sum << 7) | (sum >>> 25)
    const tt1 = (((a & b) | (a & c) | (b & c)) + d + (ss1 ^ turned) + (words[j]! ^ words[j + 4]!)) | 0
    const tt2 = (((e & f) | (~e & g)) + h + ss1 + words[j]!) | 0
    d = c
    c = (b << 9) | (b >>> 23)
    b = a
    a = tt1
    h = g
    g = (f << 19) | (f >>> 13)
    f = e
    e = tt2 ^ ((tt2 << 9) | (tt2 >>> 23)) ^ ((tt2 << 17) | (tt2 >>> 15))
  }
  state[0]! ^= a
  state[1]! ^= b
  state[2]! ^= c
  state[3]! ^= d
  state[4]! ^= e
  state[5]! ^= f
  state[6]! ^= g
  state[7]! ^= h
}

/** A hash that is fed part by part. */
export class Sm3 {
  readonly #state = new Int32Array(8)
  readonly #block = new Uint8Array(SM3_BLOCK_BYTES)
  #filled = 0
  #length = 0

  constructor() {
    this.#state.set(INITIAL)
  }

  /** Forgets what it was fed, or goes on from where another was at the end of a block. */
  reset(other?: Sm3): this {
    this.#state.set(other ? other.#state : INITIAL)
    this.#filled = 0
    this.#length = other ? other.#length : 0
    return this
  }

  update(part: Uint8Array): this {
    this.#length += part.length
    let at = 0
    if (this.#filled > 0) {
      at = Math.min(SM3_BLOCK_BYTES - this.#filled, part.length)
      this.#fill(part, 0, at)
      if (this.#filled < SM3_BLOCK_BYTES) return this
      compress(this.#state, this.#block, 0)
      this.#filled = 0
    }
    for (; part.length - at >= SM3_BLOCK_BYTES; at += SM3_BLOCK_BYTES) compress(this.#state, part, at)
    this.#fill(part, at, part.length)
    return this
  }

  /** 32 bytes; the hash takes nothing more before a reset. */
  digest(): Uint8Array {
    this.#block.fill(0, this.#filled)
    this.#block[this.#filled] = 0x80
    if (this.#filled + 1 + LENGTH_BYTES > SM3_BLOCK_BYTES) {
      compress(this.#state, this.#block, 0)
      this.#block.fill(0)
    }
    // The length in bits, big-endian.
    writeWord(this.#block, SM3_BLOCK_BYTES - 8, Math.floor(this.#length / 2 ** 29))
    writeWord(this.#block, SM3_BLOCK_BYTES - 4, this.#length << 3)
    compress(this.#state, this.#block, 0)
    const digest = new Uint8Array(DIGEST_BYTES)
    for (let i = 0; i < 8; i++) writeWord(digest, 4 * i, this.#state[i]!)
    return digest
  }

  /** Byte by byte: for less than a block that costs less than a copy by `set`. */
  #fill(part: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.#block[this.#filled++] = part[at]!
  }
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24
  bytes[at + 1] = word >>> 16
  bytes[at + 2] = word >>> 8
  bytes[at + 3] = word
}
