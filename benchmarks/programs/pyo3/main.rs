// main.rs: PyO3's attach, nested attach and call.
//
// The measuring loop of ../measure.hpp, said in Rust: the same calibration, the same clock.
use pyo3::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

struct Request {
    measure: String,
    threads: usize,
    sample_ms: f64,
    samples: usize,
    calls: u64,
}

impl Request {
    fn parse() -> Request {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let said = |option: &str| {
            let at = words.iter().position(|word| word == option)?;
            words.get(at + 1).cloned()
        };
        let number = |option: &str, default: f64| {
            said(option).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        Request {
            measure: said("--measure").unwrap_or_default(),
            threads: number("--threads", 1.0) as usize,
            sample_ms: number("--sample-ms", 20.0),
            samples: number("--samples", 5.0) as usize,
            calls: number("--calls", 0.0) as u64,
        }
    }
}

fn time_calls(calls: u64, body: &mut impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..calls {
        body();
    }
    begun.elapsed().as_nanos() as f64
}

fn repeat(asked: &Request, mut body: impl FnMut()) -> Vec<f64> {
    if asked.calls > 0 {
        return vec![time_calls(asked.calls, &mut body) / asked.calls as f64];
    }
    let wanted = asked.sample_ms * 1e6;
    let mut calls: u64 = 1;
    loop {
        let took = time_calls(calls, &mut body);
        if took >= wanted {
            break;
        }
        let factor = if took > 0.0 { wanted / took * 1.2 } else { 16.0 };
        calls = (calls as f64 * factor.min(16.0)) as u64 + 1;
    }
    (0..asked.samples).map(|_| time_calls(calls, &mut body) / calls as f64).collect()
}

fn repeat_on_threads(asked: &Request, body: impl Fn() + Sync) -> Vec<f64> {
    let one_sample = || {
        let ready = AtomicUsize::new(0);
        let (go, stop) = (AtomicBool::new(false), AtomicBool::new(false));
        let total = AtomicUsize::new(0);
        let mut begun = Instant::now();
        thread::scope(|scope| {
            for _ in 0..asked.threads {
                scope.spawn(|| {
                    body();
                    let mut calls = 0;
                    ready.fetch_add(1, Ordering::SeqCst);
                    while !go.load(Ordering::Acquire) {
                        thread::yield_now();
                    }
                    while !stop.load(Ordering::Relaxed) {
                        for _ in 0..16 {
                            body();
                        }
                        calls += 16;
                    }
                    total.fetch_add(calls, Ordering::SeqCst);
                });
            }
            while ready.load(Ordering::SeqCst) < asked.threads {
                thread::yield_now();
            }
            begun = Instant::now();
            go.store(true, Ordering::Release);
            thread::sleep(Duration::from_secs_f64(asked.sample_ms * 10.0 / 1000.0));
            stop.store(true, Ordering::Relaxed);
        });
        begun.elapsed().as_nanos() as f64 / total.load(Ordering::SeqCst) as f64
    };
    (0..asked.samples).map(|_| one_sample()).collect()
}

fn take(asked: &Request) -> PyResult<Option<Vec<f64>>> {
    Python::initialize();
    let function = Python::attach(|py| py.eval(c"lambda: None", None, None).map(Bound::unbind))?;
    let small_call = || {
        Python::attach(|py| {
            let _ = function.bind(py).call0();
        })
    };
    let on_native_thread = |work: &(dyn Fn() -> Vec<f64> + Sync)| {
        thread::scope(|scope| scope.spawn(work).join().expect("the thread panicked"))
    };
    Ok(Some(match asked.measure.as_str() {
        "small_call" => on_native_thread(&|| repeat(asked, small_call)),
        "small_call_threads" => repeat_on_threads(asked, small_call),
        "attach" => on_native_thread(&|| repeat(asked, || Python::attach(|_| ()))),
        "nested" => on_native_thread(&|| {
            Python::attach(|_| repeat(asked, || Python::attach(|_| ())))
        }),
        "typed_call" => on_native_thread(&|| {
            Python::attach(|py| {
                py.run(c"def add(a: float, b: float) -> float:\n    return a + b\n", None, None)
                    .and_then(|()| py.eval(c"add", None, None))
                    .map(|add| {
                        let mut sum = 0.0;
                        let taken = repeat(asked, || {
                            let result = add.call1((1.5, 2.5)).and_then(|r| r.extract::<f64>());
                            sum += result.expect("add failed");
                        });
                        assert!(sum > 0.0);
                        taken
                    })
                    .expect("defining add failed")
            })
        }),
        _ => return Ok(None),
    }))
}

fn main() -> PyResult<()> {
    let asked = Request::parse();
    let Some(taken) = take(&asked)? else {
        eprintln!("pyo3 has no measure '{}'", asked.measure);
        std::process::exit(2);
    };
    let samples: Vec<String> = taken.iter().map(|sample| format!("{sample:.3}")).collect();
    println!(
        "{{\"contender\": \"pyo3\", \"version\": \"{}\", \"measure\": \"{}\", \"samples\": [{}]}}",
        env!("PYO3_VERSION"),
        asked.measure,
        samples.join(", ")
    );
    Ok(())
}
