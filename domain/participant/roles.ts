/** What a participant may do, as bits. Equal to contracts/libraries/Roles.sol. */
export const roleBits = {
  debtor: 1,
  supplier: 2,
  factor: 4,
  clearing: 8,
  regulator: 16,
  evidence: 32,
  registrar: 64
} as const
export type Role = keyof typeof roleBits

/** Who runs the registry is decided by its governance: nobody can apply for these, and the registrar can not give them. */
export const governedRoles: readonly Role[] = ['evidence', 'registrar']
/** What a participant can be admitted as. */
export const admissibleRoles = (Object.keys(roleBits) as Role[]).filter((role) => !governedRoles.includes(role))

/** Bits of a set of roles. */
export function rolesToBits(roles: readonly Role[]): number {
  return roles.reduce((bits, role) => bits | roleBits[role], 0)
}

/** Roles of a set of bits, in table order. */
export function bitsToRoles(bits: number): Role[] {
  return (Object.keys(roleBits) as Role[]).filter((role) => (bits & roleBits[role]) !== 0)
}
