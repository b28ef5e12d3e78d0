import { render } from 'preact'
import { VerifierPage } from './verifier-page.tsx'
import '../style/style.css'

render(<VerifierPage />, document.getElementById('app')!)
