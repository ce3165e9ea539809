/** Which of ONNX Runtime's interfaces a session is opened through. */
import type { OnnxModel } from '@hone/tfjs-onnx';
import { JsSession } from './js-session.ts';
import { NativeSession } from './native/native-session.ts';
import { nativeLibrary } from './native/library.ts';
import type { Session as OpenSession, SessionOptions } from './session.ts';

/** Set to "js", it keeps ONNX Runtime's C API out of the process. */
const API_VARIABLE = 'HONE_ONNX_API';

export type Session = OpenSession;
export const Session = {
  /** Opens a session. Weights from `external` are read here; ONNX Runtime keeps its own packed form of them. */
  create(model: OnnxModel, options: SessionOptions): Promise<Session> {
    const api = options.api ?? (process.env[API_VARIABLE] === 'js' ? 'js' : undefined);
    if (api === 'js') return JsSession.create(model, options);
    const library = nativeLibrary({ required: api === 'native' });
    return library ? NativeSession.create(library, model, options) : JsSession.create(model, options);
  },
};
