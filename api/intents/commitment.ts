export { commitmentTo } from '../../domain/intent/commitment.ts'
