//! `Fn::ForEach` of the transform `AWS::LanguageExtensions`.

use serde_json::Value;

use super::document::{Content, Member, Node, text};
use super::error::Result;
use super::functions::{LANGUAGE_EXTENSIONS, Scope, arguments};

const PREFIX: &str = "Fn::ForEach::";

pub(super) fn expand(node: &Node, scope: &Scope<'_>) -> Result<Node> {
    let content = match &node.content {
        Content::Scalar(_) => return Ok(node.clone()),
        Content::List(items) => {
            let items = items.iter().map(|item| expand(item, scope));
            Content::List(items.collect::<Result<_>>()?)
        }
        Content::Map(members) => {
            let mut expanded: Vec<Member> = Vec::new();
            for member in members {
                for new in members_of(member, scope)? {
                    if expanded.iter().any(|before| before.name == new.name) {
                        return member.fails(format!("Fn::ForEach: {} is there already", new.name));
                    }
                    expanded.push(new);
                }
            }
            Content::Map(expanded)
        }
    };
    Ok(Node { content, ..*node })
}

fn members_of(member: &Member, scope: &Scope<'_>) -> Result<Vec<Member>> {
    if !member.name.starts_with(PREFIX) {
        let value = expand(&member.value, scope)?;
        return Ok(vec![Member { value, name: member.name.clone(), ..*member }]);
    }
    if !scope.extended {
        return member
            .fails(format!("{PREFIX} is possible only with Transform: {LANGUAGE_EXTENSIONS}"));
    }
    let [identifier, collection, body] = arguments(&member.value, &member.name)?;
    let identifier = identifier.string("the identifier of Fn::ForEach")?;
    let Value::Array(items) = scope.constant(collection, "the collection of Fn::ForEach")? else {
        return collection.fails("the collection of Fn::ForEach is not a list");
    };
    body.map("the body of Fn::ForEach")?;
    let bodies = items.iter().map(|item| expand(&replaced(body, identifier, &text(item)), scope));
    let mut members = Vec::new();
    for body in bodies {
        if let Content::Map(of_item) = body?.content {
            members.extend(of_item);
        }
    }
    Ok(members)
}

/// Returns the node with an item in place of the identifier. `&{Identifier}` is the item without
/// what a logical id can't have.
fn replaced(node: &Node, identifier: &str, item: &str) -> Node {
    let alphanumeric: String = item.chars().filter(char::is_ascii_alphanumeric).collect();
    let in_text = |text: &str| {
        let text = text.replace(&format!("${{{identifier}}}"), item);
        text.replace(&format!("&{{{identifier}}}"), &alphanumeric)
    };
    let content = match &node.content {
        Content::Scalar(Value::String(text)) => Content::Scalar(in_text(text).into()),
        Content::Scalar(value) => Content::Scalar(value.clone()),
        Content::List(items) => {
            Content::List(items.iter().map(|it| replaced(it, identifier, item)).collect())
        }
        Content::Map(members) => match members.as_slice() {
            [it] if it.name == "Ref"
                && it.value.string("").is_ok_and(|name| name == identifier) =>
            {
                Content::Scalar(item.into())
            }
            members => {
                let members = members.iter().map(|member| Member {
                    name: in_text(&member.name),
                    line: member.line,
                    value: replaced(&member.value, identifier, item),
                });
                Content::Map(members.collect())
            }
        },
    };
    Node { content, ..*node }
}
