import { createConfig } from 'ponder'
import { contracts } from '../../../../domain/chain/contracts.ts'

const { RPC_URLS, WS_URL, FINGERPRINTS, RECEIVABLES, DATABASE_URL } = process.env as Record<string, string>
const abiOf = (name: 'fingerprints' | 'receivables') => JSON.parse(contracts[name].formatJson())

export default createConfig({
  database: { kind: 'postgres', connectionString: DATABASE_URL! },
  chains: {
    bench: {
      id: 31415,
      rpc: RPC_URLS!.split(' '),
      ...(WS_URL ? { ws: WS_URL } : {}),
      pollingInterval: 100,
      ethGetLogsBlockRange: 1_000
    }
  },
  contracts: {
    Fingerprints: { chain: 'bench', abi: abiOf('fingerprints'), address: FINGERPRINTS as `0x${string}`, startBlock: 0 },
    Receivables: { chain: 'bench', abi: abiOf('receivables'), address: RECEIVABLES as `0x${string}`, startBlock: 0 }
  }
})
