//! Seals a credential for gateway keys from the command line, as the sealing page does in a browser.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to whoever typed it")]

use std::{
    env, fs,
    io::{self, IsTerminal as _, Read as _},
    process::ExitCode,
};

use seal::{Credential, GatewayKey, Legacy, Secret};
use serde_json::{Value, json};
use zeroize::Zeroizing;

const USAGE: &str = "\
Seals a credential for on-premises data gateways and prints, as JSON, a ciphertext for every key.

  seal-credential --kind KIND --keys FILE [what the kind needs] [--allow-legacy]  < SECRET

  --keys FILE       JSON with public keys, anywhere in it: objects with `exponent` and `modulus`, such as what Power BI's
                    Get Gateway and Fabric's List Gateway Members answer
  --kind Basic      --username NAME                   the password
  --kind Windows    --username 'DOMAIN\\name'          the password
  --kind Key                                          the account key
  --kind OAuth2                                       the access token
  --kind SAS                                          the shared access signature
  --kind ServicePrincipal --tenant ID --client ID     the client secret
  --kind KeyPair    --identifier NAME                 the private key (PKCS#8, PEM); behind its last line, the passphrase
                                                      if it has one
  --allow-legacy    seal for keys of 1024 bits too

The secret is read from standard input: a terminal asks for it and does not show it; otherwise the whole input is taken,
without the line break at its end. It is never an argument, which every program on the machine could read.";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.is_empty() || arguments.iter().any(|argument| argument == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run(&arguments) {
        Ok(sealed) => {
            println!("{sealed:#}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<Value, String> {
    let options = Options::read(arguments)?;
    let path = options.need("--keys")?;
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    let mut keys = Vec::new();
    find_keys(&json, None, options.legacy, &mut keys)?;
    if keys.is_empty() {
        return Err(format!("{path} has no object with exponent and modulus"));
    }
    let credential = options.credential()?;
    let sealed = keys.iter().map(|(id, key)| {
        json!({
            "id": id,
            "bits": key.bits(),
            "fingerprint": key.fingerprint().to_string(),
            "sealed": key.seal(&credential, &mut rand_core::OsRng).as_str(),
        })
    });
    Ok(sealed.collect())
}

/// Every public key in a document, with the `id` of the nearest object around it that has one.
fn find_keys<'j>(
    json: &'j Value,
    id: Option<&'j str>,
    legacy: Legacy,
    keys: &mut Vec<(Option<&'j str>, GatewayKey)>,
) -> Result<(), String> {
    let id = json.get("id").and_then(Value::as_str).or(id);
    let part = |name| json.get(name).and_then(Value::as_str);
    if let (Some(exponent), Some(modulus)) = (part("exponent"), part("modulus")) {
        let key = GatewayKey::parse(exponent, modulus, legacy).map_err(|error| error.to_string())?;
        keys.push((id, key));
        return Ok(());
    }
    let parts: Vec<&Value> = match json {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    parts.into_iter().try_for_each(|part| find_keys(part, id, legacy, keys))
}

struct Options {
    given: Vec<(String, String)>,
    legacy: Legacy,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self, String> {
        const NAMES: [&str; 6] = ["--kind", "--keys", "--username", "--tenant", "--client", "--identifier"];
        let mut options = Self { given: Vec::new(), legacy: Legacy::Refuse };
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            if name == "--allow-legacy" {
                options.legacy = Legacy::Allow;
            } else if NAMES.contains(&name.as_str()) {
                let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
                options.given.push((name.clone(), value.clone()));
            } else {
                // Not repeated: it could be a secret, typed where none belongs.
                return Err("an argument is not known; see --help. A secret is read from standard input".to_owned());
            }
        }
        Ok(options)
    }

    fn need(&self, name: &str) -> Result<&str, String> {
        let found = self.given.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| format!("{name} is missing; see --help"))
    }

    fn credential(&self) -> Result<Credential, String> {
        let name = |option| self.need(option).map(str::to_owned);
        Ok(match self.need("--kind")? {
            "Basic" => Credential::Basic { username: name("--username")?, password: secret("Password")? },
            "Windows" => Credential::Windows { username: name("--username")?, password: secret("Password")? },
            "Key" => Credential::Key { key: secret("Key")? },
            "OAuth2" => Credential::OAuth2 { access_token: secret("Access token")? },
            "SAS" => Credential::Sas { token: secret("Shared access signature")? },
            "ServicePrincipal" => Credential::ServicePrincipal {
                tenant_id: name("--tenant")?,
                client_id: name("--client")?,
                secret: secret("Client secret")?,
            },
            "KeyPair" => {
                let identifier = name("--identifier")?;
                let (private_key, passphrase) = key_pair()?;
                Credential::KeyPair { identifier, private_key, passphrase }
            }
            _ => return Err("this kind is not known; see --help".to_owned()),
        })
    }
}

/// One secret: asked for without showing it, or the whole input without its last line break.
fn secret(prompt: &str) -> Result<Secret, String> {
    let secret = if io::stdin().is_terminal() { asked(prompt)? } else { Secret::new(without_end(piped()?)) };
    if secret.is_empty() { Err("standard input is empty".to_owned()) } else { Ok(secret) }
}

/// A private key, and the passphrase behind it.
fn key_pair() -> Result<(Secret, Option<Secret>), String> {
    /// How the last line of a PEM document begins.
    const END: &str = "-----END";
    let (document, passphrase) = if io::stdin().is_terminal() {
        let mut document = Zeroizing::new(String::with_capacity(1 << 16));
        while !document.contains(END) {
            let line = asked("Private key, PEM")?;
            // Exposed to be put together, into memory that is wiped and large enough not to move.
            document.push_str(line.expose());
            document.push('\n');
        }
        (document, asked("Passphrase, or nothing")?)
    } else {
        let input = Zeroizing::new(piped()?);
        let end = input.find(END).ok_or("standard input has no private key in PEM form")?;
        let (_, behind) = input.split_at(end);
        let (document, rest) = input.split_at(end + behind.find('\n').map_or(behind.len(), |at| at + 1));
        (Zeroizing::new(document.to_owned()), Secret::new(without_end(rest.to_owned())))
    };
    let document = Secret::new(document.to_string());
    Ok((document, (!passphrase.is_empty()).then_some(passphrase)))
}

fn asked(prompt: &str) -> Result<Secret, String> {
    rpassword::prompt_password(format!("{prompt}: ")).map(Secret::new).map_err(|error| error.to_string())
}

/// The whole input. Read into memory that is large enough for any credential, so that no copies are left behind.
fn piped() -> Result<String, String> {
    let mut text = String::with_capacity(1 << 16);
    io::stdin().read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

fn without_end(mut text: String) -> String {
    let kept = text.strip_suffix('\n').map_or(text.len(), |line| line.strip_suffix('\r').unwrap_or(line).len());
    text.truncate(kept);
    text
}
