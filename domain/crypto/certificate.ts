/** X.509 of SM2: reading, building, chains. */
export * from './certificate-errors.ts'
export * from './x509-build.ts'
export * from './x509-chain.ts'
export * from './x509-parse.ts'
