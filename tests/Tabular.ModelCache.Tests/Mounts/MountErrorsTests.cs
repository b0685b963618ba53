using Tabular.ModelCache.Mounts;

namespace Tabular.ModelCache.Tests.Mounts;

public sealed class MountErrorsTests
{
    public static TheoryData<Exception, string> Errors => new()
    {
        { new TimeoutException(), "The mount /models did not answer for '/models/x' in time: the file system process hangs; restart the instance." },
        { new UnauthorizedAccessException(), "No permission to read '/models/x': the account that mounted the bucket needs roles/storage.objectViewer, *" },
        { new IOException("", 5), "The mount /models failed to read '/models/x' (input/output error): the store behind it does not answer, *" },
        { new IOException("", 103), "The mount /models is dead ('/models/x': transport endpoint is not connected): *restart the instance with more." },
        { new IOException("", 107), "The mount /models is dead ('/models/x': transport endpoint is not connected): *restart the instance with more." },
        { new IOException("", 116), "The file '/models/x' was replaced while it was read (stale file handle); *" },
        { new IOException("", 30), "The mount /models is read only, and '/models/x' was to be written." },
        { new IOException("Too many open files.", 24), "The mount /models failed for '/models/x': Too many open files." },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Translate_EachErrno_HasItsOwnCauseAndCure(Exception error, string message)
    {
        MountErrors.IsMountError(error).Should().BeTrue();
        var translated = MountErrors.Translate(error, "/models", "x");

        translated.InnerException.Should().BeSameAs(error);
        translated.Message.Should().Match(message);
        MountErrors.Translate(error, "/models", "").Message.Should().NotContain("/models/x").And.Contain("/models");
    }
}
