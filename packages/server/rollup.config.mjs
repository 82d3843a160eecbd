import { configFor } from '../../rollup.shared.mjs';

export default configFor({ index: 'src/index.ts' });
