//! A safe wrapper of the parts of holdfast.h that this program uses.
//!
//! The compiler checks two rules of the C header: an `Attached` cannot leave its thread or outlive
//! its `Python`, and what needs an attached thread takes a reference to one.

use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::marker::PhantomData;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::{null, null_mut};

mod c {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct View(*mut c_void, u64);
    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct Text {
        pub data: *const c_char,
        pub size: usize,
    }
    #[repr(C)]
    #[derive(Clone, Copy)]
    pub union As {
        pub integer: i64,
        pub real: f64,
        pub text: Text,
    }
    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct Value {
        pub kind: i32,
        pub of: As,
    }
    pub type Callback = unsafe extern "C" fn(*mut c_void, *const Value, usize, *mut Value) -> i32;

    extern "C" {
        pub fn hf_start(config: *const c_void, out: *mut *mut c_void) -> i32;
        pub fn hf_finalize(python: *mut c_void, limit_ms: i64, report: *mut *mut c_void) -> i32;
        pub fn hf_view_of(python: *mut c_void) -> View;
        pub fn hf_attach(scope: *mut [u64; 24], view: View) -> i32;
        pub fn hf_end(scope: *mut [u64; 24]);
        pub fn hf_exec(code: *const c_char) -> i32;
        pub fn hf_find(module: *const c_char, name: *const c_char, out: *mut *mut c_void) -> i32;
        pub fn hf_function_free(function: *mut c_void);
        pub fn hf_call(
            function: *mut c_void,
            args: *const Value,
            count: usize,
            result: *mut Value,
        ) -> i32;
        pub fn hf_value_clear(value: *mut Value);
        pub fn hf_define(
            module: *const c_char,
            name: *const c_char,
            callback: Callback,
            user: *mut c_void,
        ) -> i32;
        pub fn hf_raise(kind: *const c_char, message: *const c_char) -> i32;
        pub fn hf_last_code() -> c_int;
        pub fn hf_last_message() -> *const c_char;
    }
}

/// What failed: nnn of HFnnn, and the message.
#[derive(Debug)]
pub struct Error {
    pub code: i32,
    pub message: String,
}

impl Error {
    /// True for a call that came after `Python::finalize`, or while it waits.
    pub fn is_late(&self) -> bool {
        matches!(self.code, 202..=204)
    }
}

pub type Result<T> = std::result::Result<T, Error>;

fn checked(status: i32) -> Result<()> {
    if status == 0 {
        return Ok(());
    }
    let message = unsafe { CStr::from_ptr(c::hf_last_message()) };
    Err(Error {
        code: unsafe { c::hf_last_code() },
        message: message.to_string_lossy().into_owned(),
    })
}

/// A value that crosses.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    None,
    Int(i64),
    Float(f64),
    Text(String),
    /// bool, bytes, list, dict or object: left out of this example.
    Other,
}

impl Value {
    fn borrowed(&self) -> c::Value {
        let (kind, of) = match self {
            Value::None | Value::Other => (0, c::As { integer: 0 }),
            Value::Int(number) => (2, c::As { integer: *number }),
            Value::Float(number) => (3, c::As { real: *number }),
            Value::Text(text) => (
                4,
                c::As {
                    text: c::Text {
                        data: text.as_ptr().cast(),
                        size: text.len(),
                    },
                },
            ),
        };
        c::Value { kind, of }
    }

    unsafe fn copied(from: &c::Value) -> Value {
        match from.kind {
            0 => Value::None,
            2 => Value::Int(from.of.integer),
            3 => Value::Float(from.of.real),
            4 if from.of.text.size == 0 => Value::Text(String::new()),
            4 => {
                let bytes = std::slice::from_raw_parts(from.of.text.data.cast(), from.of.text.size);
                Value::Text(String::from_utf8_lossy(bytes).into_owned())
            }
            _ => Value::Other,
        }
    }
}

/// A running Python. Any thread may use it; the one that started it ends it.
pub struct Python(*mut c_void);

// Safety: the only function that belongs to one thread is hf_finalize(), which refuses others.
unsafe impl Send for Python {}
unsafe impl Sync for Python {}

impl Python {
    pub fn start() -> Result<Python> {
        let mut python = null_mut();
        checked(unsafe { c::hf_start(null(), &mut python) })?;
        Ok(Python(python))
    }

    /// Attaches this thread until the guard is dropped.
    pub fn attach(&self) -> Result<Attached<'_>> {
        let mut scope = Box::new([0; 24]); // it must not move, and a guard may
        checked(unsafe { c::hf_attach(&mut *scope, c::hf_view_of(self.0)) })?;
        Ok(Attached {
            scope,
            of: PhantomData,
        })
    }

    /// Looks a function up. Attaches by itself.
    pub fn find(&self, module: &str, name: &str) -> Result<Function> {
        let (module, name) = (CString::new(module).unwrap(), CString::new(name).unwrap());
        let mut function = null_mut();
        checked(unsafe { c::hf_find(module.as_ptr(), name.as_ptr(), &mut function) })?;
        Ok(Function(function))
    }

    /// Makes `module.name` call `body`, which may panic: Python gets a RuntimeError then.
    pub fn define<F>(&self, module: &str, name: &str, body: F) -> Result<()>
    where
        F: Fn(&[Value]) -> Value + Send + Sync + 'static,
    {
        let (module, name) = (CString::new(module).unwrap(), CString::new(name).unwrap());
        let user = Box::into_raw(Box::new(body)); // lives as long as the process, as hf_define() asks
        checked(unsafe {
            c::hf_define(module.as_ptr(), name.as_ptr(), trampoline::<F>, user.cast())
        })
    }

    /// Refuses later calls, waits for those inside up to the limit, and ends Python.
    pub fn finalize(&self, limit_ms: i64) -> Result<()> {
        checked(unsafe { c::hf_finalize(self.0, limit_ms, null_mut()) })
    }
}

/// No panic may cross the C code and Python that called.
unsafe extern "C" fn trampoline<F: Fn(&[Value]) -> Value>(
    user: *mut c_void,
    args: *const c::Value,
    count: usize,
    result: *mut c::Value,
) -> i32 {
    let args = if count == 0 {
        &[]
    } else {
        std::slice::from_raw_parts(args, count)
    };
    let args: Vec<Value> = args.iter().map(|one| Value::copied(one)).collect();
    match catch_unwind(AssertUnwindSafe(|| (*user.cast::<F>())(&args))) {
        Ok(value @ (Value::None | Value::Int(_) | Value::Float(_))) => {
            *result = value.borrowed();
            0
        }
        Ok(_) => c::hf_raise(
            c"TypeError".as_ptr(),
            c"this wrapper returns numbers only".as_ptr(),
        ),
        Err(_) => c::hf_raise(
            c"RuntimeError".as_ptr(),
            c"the Rust function panicked".as_ptr(),
        ),
    }
}

/// The calling thread is attached while this lives. Not Send: it ends where it began.
pub struct Attached<'python> {
    scope: Box<[u64; 24]>,
    of: PhantomData<(&'python Python, *mut ())>,
}

impl Attached<'_> {
    pub fn exec(&self, code: &str) -> Result<()> {
        checked(unsafe { c::hf_exec(CString::new(code).unwrap().as_ptr()) })
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        unsafe { c::hf_end(&mut *self.scope) }
    }
}

/// A Python callable. Any thread may call it, attached or not, and drop it, also after the end.
pub struct Function(*mut c_void);

unsafe impl Send for Function {}
unsafe impl Sync for Function {}

impl Function {
    pub fn call(&self, args: &[Value]) -> Result<Value> {
        let args: Vec<c::Value> = args.iter().map(Value::borrowed).collect();
        let mut result = Value::None.borrowed();
        checked(unsafe { c::hf_call(self.0, args.as_ptr(), args.len(), &mut result) })?;
        let value = unsafe { Value::copied(&result) };
        unsafe { c::hf_value_clear(&mut result) };
        Ok(value)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        unsafe { c::hf_function_free(self.0) }
    }
}
