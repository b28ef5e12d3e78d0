import { render } from 'preact'
import { Console } from './app/console.tsx'
import './style/style.css'

render(<Console />, document.getElementById('app')!)
