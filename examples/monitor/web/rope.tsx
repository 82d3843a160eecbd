import type { CableState } from '../harness/cable.ts';

const whole = 'M34 30 C 110 52, 210 52, 286 30';
const leftHalf = 'M34 30 C 66 41, 92 50, 116 62';
const rightHalf = 'M286 30 C 254 41, 228 50, 204 62';

/** The cable as what it is named after: whole, cut, or vanishing into a hole. */
export function Rope({ state }: { readonly state: CableState['state'] }): React.ReactElement {
  return (
    <svg
      className="rope"
      data-state={state}
      viewBox="0 0 320 84"
      role="img"
      aria-label={`The cable is ${labels[state]}`}
    >
      <Bollard x={20} name="page" />
      <Bollard x={300} name="service" />
      {state === 'cut' ? (
        <>
          <Strand path={leftHalf} />
          <Strand path={rightHalf} />
          <Fray x={116} y={62} turn={28} />
          <Fray x={204} y={62} turn={152} />
          <path className="spark" d="M160 26 l-7 15 h9 l-6 15" />
        </>
      ) : (
        <Strand path={whole} />
      )}
      {state === 'black-hole' && <ellipse className="hole" cx="160" cy="46" rx="30" ry="15" />}
    </svg>
  );
}

const labels: Readonly<Record<CableState['state'], string>> = {
  up: 'whole',
  cut: 'cut',
  'black-hole': 'swallowing everything',
};

function Strand({ path }: { readonly path: string }): React.ReactElement {
  return (
    <>
      <path className="strand" d={path} />
      <path className="twist" d={path} />
    </>
  );
}

function Bollard({ x, name }: { readonly x: number; readonly name: string }): React.ReactElement {
  return (
    <g className="bollard">
      <rect x={x - 9} y="24" width="18" height="30" rx="4" />
      <rect x={x - 14} y="18" width="28" height="10" rx="5" />
      <text x={x} y="74" textAnchor={x < 160 ? 'start' : 'end'} dx={x < 160 ? -16 : 16}>
        {name}
      </text>
    </g>
  );
}

function Fray({ x, y, turn }: { readonly x: number; readonly y: number; readonly turn: number }): React.ReactElement {
  return (
    <path
      className="fray"
      d="M0 0 L9 -6 M0 0 L11 -1 M0 0 L10 5 M0 0 L6 8"
      transform={`translate(${x} ${y}) rotate(${turn})`}
    />
  );
}
