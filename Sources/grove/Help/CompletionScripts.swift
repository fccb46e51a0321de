import ArgumentParser

/// What `--generate-completion-script` prints: ArgumentParser's scripts, but that after a key's = its value may follow.
enum CompletionScripts {
  /// Follows that of Bash, which takes a key's = for an end of its word. After it no space comes, but
  /// the value.
  private static let bash = """

    _grove_with_keys() {
        local -a words=()
        local word
        for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
            if [[ ${#words[@]} -gt 0 && ( "${word}" == '=' || "${words[-1]}" == *'=' ) ]]; then
                words[-1]+="${word}"
            else
                words+=("${word}")
            fi
        done
        COMPREPLY=()
        [[ "${words[-1]}" == *'='* ]] && return 0
        local -a COMP_WORDS=("${words[@]}")
        local -i COMP_CWORD=$((${#words[@]} - 1))
        _grove "${1}" "${words[-1]}" "${3}"
        if [[ ${#COMPREPLY[@]} -eq 1 && "${COMPREPLY[0]}" == *'=' ]]; then compopt -o nospace +o filenames 2>/dev/null; fi
        return 0
    }
    complete -o filenames -F _grove_with_keys grove
    """

  static func script(for shell: CompletionShell) -> String {
    let script = Grove.completionScript(for: shell)
    return switch shell {
    case .bash: script + bash
    case .zsh: script.replacing("__grove_complete \"${___set[@]}\"", with: "compadd -S \"\" -- \"${___set[@]}\"")
    default: script
    }
  }
}
