using System.Text;

namespace Tabular.ModelCache.Stores;

/// <summary>The rules for names of objects, which are also paths below a mount.</summary>
/// <remarks>
/// Stricter than Cloud Storage (<see href="https://cloud.google.com/storage/docs/objects#naming"/>), because every object must also be
/// a file that gcsfuse shows: relative, separated by <c>/</c>, no empty, <c>.</c> or <c>..</c> part, no control characters, no
/// backslash, well-formed Unicode, at most 1024 bytes of UTF-8 in all and 255 in one part. A name that ends with <c>/</c> stands for a
/// folder: an empty object by which gcsfuse knows the folder without looking for what is in it.
/// </remarks>
public static class ObjectName
{
    /// <summary>The most bytes of UTF-8 that a name may have.</summary>
    public const int MaxBytes = 1024;

    /// <summary>The most bytes of UTF-8 that one part of a name may have: the limit of common file systems.</summary>
    public const int MaxPartBytes = 255;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Tells whether a name stands for a folder.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether it ends with <c>/</c>.</returns>
    public static bool IsFolder(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith('/');
    }

    /// <summary>Tells what is wrong with the name of an object, be it a file or a folder.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The rule that is broken, to be read after the name; <see langword="null"/> when the name is valid.</returns>
    public static string? FindObjectProblem(string? name) => FindProblem(name, name is { Length: > 1 } && IsFolder(name) ? 1 : 0);

    /// <summary>Tells what is wrong with the name of a file.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The rule that is broken, to be read after the name; <see langword="null"/> when the name is valid.</returns>
    public static string? FindProblem(string? name) => FindProblem(name, 0);

    private static string? FindProblem(string? name, int folderMark)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "is empty";
        }

        try
        {
            if (StrictUtf8.GetByteCount(name) > MaxBytes)
            {
                return $"is longer than {MaxBytes} bytes of UTF-8";
            }
        }
        catch (EncoderFallbackException)
        {
            return "is not well-formed Unicode";
        }

        var path = name.AsSpan(0, name.Length - folderMark);
        foreach (var range in path.Split('/'))
        {
            var part = path[range];
            if (part.IsEmpty)
            {
                return "has an empty part: it must not start or end with '/', nor have '//'";
            }

            if (part is "." or "..")
            {
                return $"has the part '{part}'";
            }

            if (StrictUtf8.GetByteCount(part) > MaxPartBytes)
            {
                return $"has a part longer than {MaxPartBytes} bytes of UTF-8";
            }
        }

        foreach (var c in name)
        {
            if (char.IsControl(c) || c is '\\' or '\u2028' or '\u2029')
            {
                return $"has the character U+{(int)c:X4}";
            }
        }

        return null;
    }

    /// <summary>Refuses an invalid name of an object, be it a file or a folder.</summary>
    /// <param name="name">The name.</param>
    /// <param name="parameterName">The parameter to blame.</param>
    /// <exception cref="ArgumentException">The name breaks a rule; the message names it.</exception>
    public static void Validate(string name, string? parameterName = null)
    {
        if (FindObjectProblem(name) is { } problem)
        {
            throw new ArgumentException($"The object name '{name}' {problem}.", parameterName ?? nameof(name));
        }
    }
}
