//! The other end of the page's calls: gives the answers that a test scripted, and keeps what it was sent.

use std::{
    collections::VecDeque,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

/// A call that arrived.
#[derive(Clone)]
pub struct Call {
    pub path: String,
    pub ticket: String,
    pub body: String,
}

#[derive(Default)]
struct Script {
    plan: Value,
    /// What the next calls for the plan, and the next submissions, are answered with before the usual; none: with nothing.
    plans: VecDeque<Option<Answer>>,
    submissions: VecDeque<Option<Answer>>,
    calls: Vec<Call>,
}

struct Answer {
    status: u16,
    body: Value,
    more: String,
}

/// A server on loopback. Its thread ends with the test.
#[derive(Clone)]
pub struct Server {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Server {
    pub fn start(plan: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script { plan, ..Script::default() }));
        let server = Self { address, script };
        let at_work = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = at_work.clone();
                thread::spawn(move || server.serve(stream));
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on this is the plan.
    pub fn set_plan(&self, plan: Value) {
        self.script.lock().unwrap().plan = plan;
    }

    /// Refuses the next call for the plan.
    pub fn refuse_plan(&self, status: u16, code: &str, more: &str) {
        self.script.lock().unwrap().plans.push_back(Some(refusal(status, code, more)));
    }

    /// Answers the next call for the plan with that instead.
    pub fn tell_instead(&self, body: Value) {
        self.script.lock().unwrap().plans.push_back(Some(Answer { status: 200, body, more: String::new() }));
    }

    /// Never answers the next call for the plan.
    pub fn ignore_plan(&self) {
        self.script.lock().unwrap().plans.push_back(None);
    }

    /// Never answers the next submission.
    pub fn ignore(&self) {
        self.script.lock().unwrap().submissions.push_back(None);
    }

    /// Refuses the next submission.
    pub fn refuse(&self, status: u16, code: &str, more: &str) {
        self.script.lock().unwrap().submissions.push_back(Some(refusal(status, code, more)));
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.script.lock().unwrap().calls.clone()
    }

    /// What was submitted so far, as it came.
    pub fn submissions(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| call.path == "/enter/submit").map(|call| call.body).collect()
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        // workerd keeps connections and sends one request after the other.
        loop {
            let mut first = String::new();
            if reader.read_line(&mut first).unwrap_or_default() == 0 {
                return;
            }
            let (mut length, mut ticket) = (0, String::new());
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap_or_default() > 2 {
                if let Some(value) = line
                    .trim_end()
                    .strip_prefix("authorization: Bearer ")
                    .or(line.trim_end().strip_prefix("Authorization: Bearer "))
                {
                    value.clone_into(&mut ticket);
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let path = first.split(' ').nth(1).unwrap().to_owned();
            let Some(Answer { status, body, more }) = self.answer(path, ticket, String::from_utf8(body).unwrap())
            else {
                // Until whoever asked hangs up.
                let _ = reader.read_line(&mut first);
                return;
            };
            let body = body.to_string();
            let length = body.len();
            let head = format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n");
            if stream.write_all(format!("{head}{more}\r\n{body}").as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, path: String, ticket: String, body: String) -> Option<Answer> {
        let mut script = self.script.lock().unwrap();
        let usual = |body| Some(Answer { status: 200, body, more: String::new() });
        let answer = match path.as_str() {
            "/enter/plan" => script.plans.pop_front().unwrap_or_else(|| usual(wire(&script.plan))),
            "/enter/submit" => {
                let places = script.plan["places"].as_array().map(Vec::len);
                script.submissions.pop_front().unwrap_or_else(|| usual(json!({ "taken": true, "places": places })))
            }
            _ => Some(Answer { status: 404, body: json!({}), more: String::new() }),
        };
        script.calls.push(Call { path, ticket, body });
        answer
    }
}

/// A plan as it is sent: each place's gateway by its number among all of them.
fn wire(plan: &Value) -> Value {
    let mut plan = plan.clone();
    let mut gateways = Vec::new();
    for place in plan["places"].as_array_mut().unwrap() {
        let members = place.as_object_mut().unwrap().remove("members").unwrap();
        place["gateway"] = if members == json!([]) { Value::Null } else { json!(gateways.len()) };
        gateways.extend(Some(members).filter(|members| *members != json!([])));
    }
    plan["gateways"] = Value::Array(gateways);
    plan
}

fn refusal(status: u16, code: &str, more: &str) -> Answer {
    Answer { status, body: json!({ "error": code, "message": said(code) }), more: more.to_owned() }
}

/// What the server says to people beside a code.
pub fn said(code: &str) -> String {
    format!("The server's sentence for {code}.")
}
