/**
 * The curve of SM2, sm2p256v1 (GB/T 32918.5-2017, RFC 8998 §3.2.1): y² = x³ + ax + b over the integers modulo p, of prime
 * order n. Arithmetic by @noble/curves: points and scalars only; who signs takes another way.
 */
import { Field } from '@noble/curves/abstract/modular'
import { weierstrassPoints, type ProjPointType } from '@noble/curves/abstract/weierstrass'

/** Modulus of the coordinates. */
export const SM2_P = 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn
/** Coefficient of x: p − 3. */
export const SM2_A = 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn
/** Constant coefficient. */
export const SM2_B = 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n
/** Order of the group, a prime below p: a coordinate need not be a scalar. */
export const SM2_N = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n
export const SM2_GX = 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n
export const SM2_GY = 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n

/** Integers modulo {@link SM2_P}. */
export const sm2Field = Field(SM2_P)

/** Integers modulo {@link SM2_N}. */
export const sm2Scalars = Field(SM2_N)

/** Points and the curve equation; `sm2Curve.ProjectivePoint.BASE` is G. */
export const sm2Curve = weierstrassPoints<bigint>({
  a: SM2_A,
  b: SM2_B,
  Fp: sm2Field,
  n: SM2_N,
  Gx: SM2_GX,
  Gy: SM2_GY,
  h: 1n
})

export type Sm2Point = ProjPointType<bigint>
